// Load for job servers: queue_load PORT put|work|lines COUNT CONNECTIONS WINDOW BYTES
// put: puts jobs by the beanstalk protocol, WINDOW of them unanswered on each connection.
// work: reserves and deletes jobs likewise; COUNT jobs must be there.
// lines: writes COUNT jobs as lines of JSON on one connection, ends it, and waits for the server
// to end its side. Prints {"perSecond": jobs}.
#include "sockets.h"

#include <poll.h>
#include <string.h>

#define BUFFER_BYTES 262144
#define MAX_CONNECTIONS 1000

typedef struct {
  int fd;
  size_t have, queued;
  char in[BUFFER_BYTES], out[BUFFER_BYTES];
} Client;

static Client *clients[MAX_CONNECTIONS];
static struct pollfd polls[MAX_CONNECTIONS];
static char body[70000];
static int port, is_put;
static long count, connections, window, bytes, asked, done;

static void ask(Client *client) {
  if (asked == count) return;
  asked++;
  char *at = client->out + client->queued;
  if (is_put) at += sprintf(at, "put 1024 0 60 %ld\r\n%s\r\n", bytes, body);
  else at += sprintf(at, "reserve\r\n");
  client->queued = at - client->out;
}

// Takes one answer; returns its length, or 0 when it isn't whole.
static size_t take(Client *client, char *at, size_t length) {
  char *end = memmem(at, length, "\r\n", 2);
  if (end == NULL) return 0;
  size_t whole = end + 2 - at;
  if (strncmp(at, "RESERVED ", 9) == 0) {
    char *rest;
    unsigned long long id = strtoull(at + 9, &rest, 10);
    whole += strtoul(rest, NULL, 10) + 2;
    if (whole > length) return 0;
    client->queued += sprintf(client->out + client->queued, "delete %llu\r\n", id);
  } else if (strncmp(at, is_put ? "INSERTED " : "DELETED", 7) == 0) {
    done++;
    ask(client);
  } else {
    *end = 0;
    fprintf(stderr, "Cannot go on as the server says %s\n", at);
    exit(1);
  }
  return whole;
}

static void flush(Client *client) {
  send_all(client->fd, client->out, client->queued);
  client->queued = 0;
}

static void receive(Client *client) {
  ssize_t got = read(client->fd, client->in + client->have, BUFFER_BYTES - client->have);
  if (got <= 0) fail("read");
  client->have += got;
  size_t at = 0, taken;
  while ((taken = take(client, client->in + at, client->have - at)) > 0) at += taken;
  memmove(client->in, client->in + at, client->have -= at);
  flush(client);
}

static double talk(void) {
  for (int i = 0; i < connections; i++) {
    clients[i] = calloc(1, sizeof(Client));
    clients[i]->fd = connect_tcp(port);
    polls[i] = (struct pollfd){.fd = clients[i]->fd, .events = POLLIN};
  }
  double start = seconds_now();
  for (int i = 0; i < connections; i++) {
    for (int j = 0; j < window; j++) ask(clients[i]);
    flush(clients[i]);
  }
  while (done < count) {
    if (poll(polls, connections, -1) < 0) fail("poll");
    for (int i = 0; i < connections; i++) {
      if (polls[i].revents != 0) receive(clients[i]);
    }
  }
  return seconds_now() - start;
}

static double write_lines(void) {
  int fd = connect_tcp(port);
  char *lines = malloc(BUFFER_BYTES), *at = lines;
  double start = seconds_now();
  for (long i = 0; i < count; i++) {
    at += sprintf(at, "{\"job\":\"bench\",\"data\":{\"number\":%ld,\"text\":\"%s\"}}\n", i, body);
    if (at - lines < BUFFER_BYTES / 2 && i + 1 < count) continue;
    send_all(fd, lines, at - lines);
    at = lines;
  }
  shutdown(fd, SHUT_WR);
  ssize_t got = read(fd, lines, BUFFER_BYTES - 1);
  if (got < 0) fail("read");
  if (got > 0) {
    fprintf(stderr, "Cannot go on as the server says %.*s\n", (int)got, lines);
    exit(1);
  }
  return seconds_now() - start;
}

int main(int argc, char **argv) {
  if (argc != 7) return fprintf(stderr, "PORT put|work|lines COUNT CONNECTIONS WINDOW BYTES\n"), 2;
  port = atoi(argv[1]);
  is_put = strcmp(argv[2], "put") == 0;
  count = atol(argv[3]), connections = atol(argv[4]), window = atol(argv[5]), bytes = atol(argv[6]);
  if (connections > MAX_CONNECTIONS || bytes >= (long)sizeof body) return 2;
  if (window * (bytes + 64) > BUFFER_BYTES / 2) return 2;
  memset(body, 'x', bytes);
  double seconds = strcmp(argv[2], "lines") == 0 ? write_lines() : talk();
  printf("{\"perSecond\":%.0f}\n", count / seconds);
}
