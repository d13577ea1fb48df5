// WebSocket echo and broadcast without any checks: the limit to compare with. Prints its port.
// A message that begins with 'B' goes to all clients, any other one back to its sender.
#include "sockets.h"

#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>

#define MAX_FDS 65536
#define READ_BYTES 65536

static const char GUID[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
static uint8_t input[READ_BYTES + 1], output[2 * READ_BYTES];
static char is_open[MAX_FDS];
static int clients[MAX_FDS], client_count, place_of[MAX_FDS];

static uint32_t rotate(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

static void sha1_block(uint32_t state[5], const uint8_t *block) {
  uint32_t w[80];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                 : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                 : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                          : (b ^ c ^ d) + 0xca62c1d6;
    uint32_t next = rotate(a, 5) + f + e + w[i];
    e = d, d = c, c = rotate(b, 30), b = a, a = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

// The key and the GUID together have 60 bytes, so two blocks hold them and the padding.
static void accept_key(const char *key, char *text) {
  uint8_t message[128] = {0};
  memcpy(message, key, 24);
  memcpy(message + 24, GUID, 36);
  message[60] = 0x80;
  message[126] = 60 * 8 >> 8, message[127] = (60 * 8) & 0xff;
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  sha1_block(state, message);
  sha1_block(state, message + 64);
  uint8_t digest[21] = {0};
  for (int i = 0; i < 20; i++) digest[i] = state[i / 4] >> (24 - 8 * (i % 4));
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0, at = 0; i < 21; i += 3) {
    uint32_t three = digest[i] << 16 | digest[i + 1] << 8 | (i + 2 < 21 ? digest[i + 2] : 0);
    for (int shift = 18; shift >= 0; shift -= 6) text[at++] = letters[three >> shift & 63];
  }
  text[27] = '=', text[28] = 0;
}

static void shut(int fd) {
  close(fd);
  if (!is_open[fd]) return;
  is_open[fd] = 0;
  int last = clients[--client_count];
  clients[place_of[fd]] = last;
  place_of[last] = place_of[fd];
}

static void greet(int fd, ssize_t count) {
  input[count] = 0;
  char *field = strcasestr((char *)input, "sec-websocket-key: ");
  if (field == NULL || strlen(field) < 43) return shut(fd);
  char accepted[32], answer[256];
  accept_key(field + 19, accepted);
  int length = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                        accepted);
  if (write(fd, answer, length) != length) return shut(fd);
  is_open[fd] = 1;
  place_of[fd] = client_count;
  clients[client_count++] = fd;
}

static void serve(int fd, ssize_t count) {
  ssize_t at = 0, made = 0;
  while (at + 6 <= count) {
    int opcode = input[at] & 15;
    size_t length = input[at + 1] & 127;
    at += 2;
    if (length == 126) length = input[at] << 8 | input[at + 1], at += 2;
    uint8_t *mask = input + at, *payload = mask + 4;
    for (size_t i = 0; i < length; i++) payload[i] ^= mask[i & 3];
    at += 4 + length;
    if (opcode == 8) return shut(fd);
    ssize_t start = made;
    output[made++] = 0x81;
    if (length < 126) output[made++] = length;
    else output[made++] = 126, output[made++] = length >> 8, output[made++] = length;
    memcpy(output + made, payload, length);
    made += length;
    if (length == 0 || payload[0] != 'B') continue;
    for (int i = 0; i < client_count; i++)
      if (write(clients[i], output + start, made - start) < 0) break;
    made = start;
  }
  if (made > 0 && write(fd, output, made) < 0) shut(fd);
}

int main(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  bind_loopback(listener);
  if (listen(listener, 1024) < 0) fail("listen");
  print_port(listener);
  int poll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int ready = epoll_wait(poll, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) {
        for (int next; (next = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
          send_without_delay(next);
          event.data.fd = next;
          epoll_ctl(poll, EPOLL_CTL_ADD, next, &event);
        }
        continue;
      }
      ssize_t count = read(fd, input, READ_BYTES);
      if (count <= 0) shut(fd);
      else if (is_open[fd]) serve(fd, count);
      else greet(fd, count);
    }
  }
}
