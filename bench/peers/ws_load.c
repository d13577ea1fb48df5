// WebSocket clients on epoll: ws_load PORT CLIENTS echo|broadcast|idle SECONDS BYTES [socketio]
// echo: each client has one message under way. broadcast: the first client sends the next message
// when all have got the last one. idle: connects, prints a line, and waits to be killed.
// Reads and writes for many clients in one call (io_uring), so that it takes less time than what it
// measures. Prints {"perSecond": messages received, "busy": share of one processor that it took}.
#include "sockets.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define BUFFER_BYTES 131072
#define BATCH 256
#define ROOM_BYTES 4160
#define WARM_UP_SECONDS 0.5

typedef struct {
  int fd;
  size_t kept;
  uint8_t *rest;
} Client;

static int port, is_socketio;
static uint8_t message[70000], pong[16], chunk[BUFFER_BYTES], rooms[BATCH][ROOM_BYTES];
static size_t message_length, pong_length;

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

static int ring = -1, results[BATCH], targets[BATCH];
static unsigned *ring_tail, *ring_done, *ring_made, completion_mask, prepared;
static struct io_uring_sqe *submissions;
static struct io_uring_cqe *completions;

static void open_ring(void) {
  struct io_uring_params made = {0};
  if ((ring = syscall(SYS_io_uring_setup, BATCH, &made)) < 0) return;
  size_t bytes = made.cq_off.cqes + made.cq_entries * sizeof *completions;
  size_t places = made.sq_off.array + BATCH * sizeof(unsigned);
  if (places > bytes) bytes = places;
  char *rings = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
  submissions = mmap(0, BATCH * sizeof *submissions, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
                     IORING_OFF_SQES);
  if (rings == MAP_FAILED || submissions == MAP_FAILED) fail("mmap");
  ring_tail = (void *)(rings + made.sq_off.tail);
  ring_done = (void *)(rings + made.cq_off.head);
  ring_made = (void *)(rings + made.cq_off.tail);
  completions = (void *)(rings + made.cq_off.cqes);
  completion_mask = made.cq_entries - 1;
  for (unsigned i = 0; i < BATCH; i++) ((unsigned *)(rings + made.sq_off.array))[i] = i;
}

static void prepare(int operation, int fd, void *bytes, size_t length) {
  targets[prepared] = fd;
  if (ring < 0) {
    ssize_t count = operation == IORING_OP_SEND ? send(fd, bytes, length, MSG_DONTWAIT)
                                                : recv(fd, bytes, length, MSG_DONTWAIT);
    results[prepared++] = count < 0 ? -errno : count;
    return;
  }
  struct io_uring_sqe *next = submissions + ((*ring_tail + prepared) & (BATCH - 1));
  memset(next, 0, sizeof *next);
  next->opcode = operation;
  next->fd = fd;
  next->addr = (uint64_t)bytes;
  next->len = length;
  next->msg_flags = MSG_DONTWAIT;
  next->user_data = prepared++;
}

static void submit(void) {
  if (ring >= 0 && prepared > 0) {
    *ring_tail += prepared;
    if (syscall(SYS_io_uring_enter, ring, prepared, prepared, IORING_ENTER_GETEVENTS, NULL, 0) !=
        (long)prepared)
      fail("io_uring_enter");
    for (; *ring_done != *ring_made; ++*ring_done) {
      struct io_uring_cqe *each = completions + (*ring_done & completion_mask);
      results[each->user_data] = each->res;
    }
  }
  prepared = 0;
}

// Sends what was prepared: the message, to each target.
static void submit_messages(void) {
  int count = prepared;
  submit();
  for (int i = 0; i < count; i++) {
    size_t sent = results[i] < 0 ? 0 : results[i];
    if (results[i] < 0 && results[i] != -EAGAIN) errno = -results[i], fail("write");
    send_all(targets[i], message + sent, message_length - sent);
  }
}

static void send_message(int fd) {
  prepare(IORING_OP_SEND, fd, message, message_length);
  if (prepared == BATCH) submit_messages();
}

static int open_client(void) {
  int fd = connect_tcp(port);
  char head[512], answer[4096];
  int length = snprintf(head, sizeof head,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        "Sec-WebSocket-Version: 13\r\n\r\n",
                        is_socketio ? "/socket.io/?EIO=4&transport=websocket" : "/", port);
  send_all(fd, head, length);
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

static double processor_seconds(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
         (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

// Counts the messages in what has arrived, and keeps the beginning of the next one.
static int count_messages(Client *client, uint8_t *chunk, size_t length) {
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

// Takes what was read behind what was kept of it before.
static int take(Client *client, uint8_t *bytes, size_t length) {
  if (client->kept == 0) return count_messages(client, bytes, length);
  memcpy(chunk, client->rest, client->kept);
  memcpy(chunk + client->kept, bytes, length);
  return count_messages(client, chunk, client->kept + length);
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  port = atoi(argv[1]);
  int client_count = atoi(argv[2]);
  int is_broadcast = !strcmp(argv[3], "broadcast"), is_idle = !strcmp(argv[3], "idle");
  double seconds = atof(argv[4]);
  is_socketio = argc > 6;
  allow_all_descriptors();
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
  open_ring();
  for (int i = 0; i < (is_broadcast ? 1 : client_count); i++) send_message(clients[i].fd);
  submit_messages();
  double start = seconds_now() + WARM_UP_SECONDS, end = start + seconds, time, used = 0;
  long received = 0, outstanding = client_count;
  int is_warm = 0;
  struct epoll_event events[BATCH];
  int counts[BATCH];
  while ((time = seconds_now()) < end) {
    if (!is_warm && time >= start) is_warm = 1, received = 0, used = processor_seconds();
    int ready = epoll_wait(poll, events, BATCH, 50);
    for (int i = 0; i < ready; i++)
      prepare(IORING_OP_RECV, clients[events[i].data.u32].fd, rooms[i], ROOM_BYTES);
    submit();
    memcpy(counts, results, sizeof counts);
    for (int i = 0; i < ready; i++) {
      Client *client = clients + events[i].data.u32;
      if (counts[i] == -EAGAIN) continue;
      if (counts[i] <= 0) errno = -counts[i], fail("read");
      int messages = take(client, rooms[i], counts[i]);
      received += messages;
      if (!is_broadcast) {
        for (int j = 0; j < messages; j++) send_message(client->fd);
      } else if ((outstanding -= messages) <= 0) {
        outstanding += client_count;
        send_message(clients[0].fd);
      }
    }
    submit_messages();
  }
  double took = seconds_now() - start;
  printf("{\"perSecond\":%.0f,\"busy\":%.2f}\n", received / took, (processor_seconds() - used) / took);
  return 0;
}
