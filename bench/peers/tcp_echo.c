/*
 * A TCP echo on epoll, without any limits: what a server can do at best.
 *
 *     tcp_echo
 *
 * Listens on a port of loopback that the system chooses, and prints it.
 */
#include "sockets.h"

#include <sys/epoll.h>

enum { MAX_BYTES = 65536, MAX_EVENTS = 512 };

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static void accept_all(int epoll, int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    send_without_delay(fd);
    watch(epoll, fd);
  }
}

/* What the peer doesn't take at once is given up together with the connection. */
static void echo(int fd) {
  static char bytes[MAX_BYTES];
  ssize_t n = read(fd, bytes, sizeof bytes);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0 || write(fd, bytes, n) != n) close(fd);
}

int main(void) {
  allow_all_descriptors();
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  bind_loopback(listener);
  if (listen(listener, 4096) < 0) fail("listen");
  print_port(listener);

  int epoll = epoll_create1(0);
  watch(epoll, listener);
  struct epoll_event events[MAX_EVENTS];
  for (;;) {
    int ready = epoll_wait(epoll, events, MAX_EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd == listener) accept_all(epoll, listener);
      else echo(events[i].data.fd);
    }
  }
}
