/*
 * A load of TCP echoes on epoll: each connection has one message in flight,
 * and sends the next when the last has come back whole.
 *
 *     tcp_load PORT CONNECTIONS SECONDS BYTES
 *
 * Prints the echoes a second, after half a second of warming up, as JSON.
 */
#include "sockets.h"

#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

enum { MAX_BYTES = 65536, MAX_EVENTS = 512 };
static const double WARM_UP_SECONDS = 0.5;

struct connection {
  int fd;
  size_t missing;
};

static char message[MAX_BYTES];
static char received[MAX_BYTES];

/* A message fits the socket's buffer, as the one before has come back. */
static void send_message(struct connection *c, size_t bytes) {
  if (write(c->fd, message, bytes) != (ssize_t)bytes) fail("write");
  c->missing = bytes;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: tcp_load PORT CONNECTIONS SECONDS BYTES\n");
    return 2;
  }
  int port = atoi(argv[1]), count = atoi(argv[2]);
  double seconds = atof(argv[3]);
  size_t bytes = atoi(argv[4]);
  if (bytes < 1 || bytes > MAX_BYTES) return 2;
  allow_all_descriptors();
  memset(message, 'x', sizeof message);

  int epoll = epoll_create1(0);
  struct connection *connections = calloc(count, sizeof *connections);
  for (int i = 0; i < count; i++) {
    connections[i].fd = connect_tcp(port);
    fcntl(connections[i].fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event);
  }
  for (int i = 0; i < count; i++) send_message(&connections[i], bytes);

  struct epoll_event events[MAX_EVENTS];
  double begin = seconds_now() + WARM_UP_SECONDS, end = begin + seconds;
  long echoes = 0;
  int warm = 0;
  for (;;) {
    int ready = epoll_wait(epoll, events, MAX_EVENTS, 100);
    double t = seconds_now();
    if (!warm && t >= begin) {
      warm = 1;
      echoes = 0;
      begin = t;
    }
    if (t >= end) break;
    for (int i = 0; i < ready; i++) {
      struct connection *c = &connections[events[i].data.u32];
      ssize_t n = read(c->fd, received, c->missing);
      if (n < 0 && errno == EAGAIN) continue;
      if (n <= 0) fail("read");
      if ((c->missing -= n) > 0) continue;
      echoes++;
      send_message(c, bytes);
    }
  }
  printf("{\"perSecond\":%.0f}\n", echoes / (seconds_now() - begin));
  return 0;
}
