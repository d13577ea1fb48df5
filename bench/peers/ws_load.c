// WebSocket clients on epoll: ws_load PORT CLIENTS echo|broadcast|idle SECONDS BYTES [socketio]
// echo: each client has one message under way. broadcast: the first client sends the next message
// when all have got the last one. idle: connects, prints a line, and waits to be killed.
// Prints {"perSecond": messages received}.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES 131072
#define WARM_UP_SECONDS 0.5

typedef struct {
  int fd;
  size_t kept;
  uint8_t *rest;
} Client;

static int port, is_socketio;
static uint8_t message[70000], pong[16], chunk[BUFFER_BYTES];
static size_t message_length, pong_length;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static size_t make_frame(uint8_t *frame, const char *text, size_t length) {
  static const uint8_t mask[4] = {0x12, 0x34, 0x56, 0x78};
  size_t at = 0;
  frame[at++] = 0x81;
  if (length < 126) frame[at++] = 0x80 | length;
  else frame[at++] = 0xfe, frame[at++] = length >> 8, frame[at++] = length;
  memcpy(frame + at, mask, 4);
  at += 4;
  for (size_t i = 0; i < length; i++) frame[at++] = text[i] ^ mask[i & 3];
  return at;
}

static void make_message(char first, size_t length) {
  char *text = calloc(length + 16, 1);
  char *at = text;
  if (is_socketio) at += sprintf(at, "42[\"m\",\"");
  memset(at, 'x', length);
  *at = first;
  at += length;
  if (is_socketio) at += sprintf(at, "\"]");
  message_length = make_frame(message, text, at - text);
  pong_length = make_frame(pong, "3", 1);
  free(text);
}

static void send_all(int fd, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = write(fd, bytes, length);
    if (sent < 0 && errno == EAGAIN) continue;
    if (sent < 0) fail("write");
    bytes += sent, length -= sent;
  }
}

static int open_client(void) {
  int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (void *)&address, sizeof address)) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  char head[512], answer[4096];
  int length = snprintf(head, sizeof head,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        "Sec-WebSocket-Version: 13\r\n\r\n",
                        is_socketio ? "/socket.io/?EIO=4&transport=websocket" : "/", port);
  send_all(fd, (uint8_t *)head, length);
  for (size_t got = 0; got < 4 || memcmp(answer + got - 4, "\r\n\r\n", 4);) {
    if (got == sizeof answer || read(fd, answer + got, 1) != 1) fail("handshake");
    got++;
  }
  if (memcmp(answer, "HTTP/1.1 101", 12)) fail("handshake was refused");
  if (is_socketio) {
    uint8_t connect_frame[16];
    send_all(fd, connect_frame, make_frame(connect_frame, "40", 2));
  }
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

// Counts the messages in what has arrived, and keeps the beginning of the next one.
static int count_messages(Client *client, size_t length) {
  size_t at = 0;
  int count = 0;
  while (length - at >= 2) {
    size_t size = chunk[at + 1] & 127, head = 2;
    if (size == 126) {
      if (length - at < 4) break;
      size = chunk[at + 2] << 8 | chunk[at + 3], head = 4;
    }
    if (length - at < head + size) break;
    int opcode = chunk[at] & 15;
    uint8_t *payload = chunk + at + head;
    at += head + size;
    if (opcode == 8) fail("the server has closed");
    if (opcode > 8) continue;
    if (is_socketio && size == 1 && payload[0] == '2') send_all(client->fd, pong, pong_length);
    else if (!is_socketio || (size > 2 && payload[0] == '4' && payload[1] == '2')) count++;
  }
  client->kept = length - at;
  if (client->kept > 0) {
    if (client->rest == NULL) client->rest = malloc(BUFFER_BYTES);
    memcpy(client->rest, chunk + at, client->kept);
  }
  return count;
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  port = atoi(argv[1]);
  int client_count = atoi(argv[2]);
  int is_broadcast = !strcmp(argv[3], "broadcast"), is_idle = !strcmp(argv[3], "idle");
  double seconds = atof(argv[4]);
  is_socketio = argc > 6;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  make_message(is_broadcast ? 'B' : 'e', atoi(argv[5]));
  Client *clients = calloc(client_count, sizeof *clients);
  int poll = epoll_create1(0);
  for (int i = 0; i < client_count; i++) {
    clients[i].fd = open_client();
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].fd, &event);
  }
  if (is_idle) {
    printf("connected %d\n", client_count);
    fflush(stdout);
    pause();
  }
  struct timespec settle = {0, 300000000};
  nanosleep(&settle, NULL);
  for (int i = 0; i < (is_broadcast ? 1 : client_count); i++)
    send_all(clients[i].fd, message, message_length);
  double start = now() + WARM_UP_SECONDS, end = start + seconds, time;
  long received = 0, outstanding = client_count;
  int is_warm = 0;
  struct epoll_event events[256];
  while ((time = now()) < end) {
    if (!is_warm && time >= start) is_warm = 1, received = 0;
    int ready = epoll_wait(poll, events, 256, 50);
    for (int i = 0; i < ready; i++) {
      Client *client = clients + events[i].data.u32;
      if (client->kept > 0) memcpy(chunk, client->rest, client->kept);
      ssize_t count = read(client->fd, chunk + client->kept, BUFFER_BYTES - client->kept);
      if (count < 0 && errno == EAGAIN) continue;
      if (count <= 0) fail("read");
      int messages = count_messages(client, client->kept + count);
      received += messages;
      if (!is_broadcast) {
        for (int j = 0; j < messages; j++) send_all(client->fd, message, message_length);
      } else if ((outstanding -= messages) <= 0) {
        outstanding += client_count;
        send_all(clients[0].fd, message, message_length);
      }
    }
  }
  printf("{\"perSecond\":%.0f}\n", received / (now() - start));
  return 0;
}
