/* HTTP load over loopback, and a strict count of what went wrong.
 *
 *   httpload PORT CLIENTS SECONDS [new|keep]
 *
 * Each client has one request under way at a time: on a connection of its own each ("new", the
 * default), or on a connection that is kept alive until the server ends it ("keep"). SIGINT ends
 * the run early. Prints one line of JSON: answers by the first word of their body, failures by
 * kind, and latencies. Anything but a whole answer with status 200 is a failure.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CLIENTS = 4096, MAX_NAMES = 64, BUFFER = 16384, BUCKETS = 4096 };
enum failure { REFUSED, RESET, ENDED, TIMED_OUT, BAD_ANSWER, OTHER, FAILURES };
static const char *failure_names[FAILURES] = {"refused", "reset",     "ended",
                                              "timeout", "badAnswer", "other"};

struct client {
  int fd;
  int waiting_for_connect;
  size_t got;
  double began;
  char buffer[BUFFER];
};

static struct client clients[MAX_CLIENTS];
static struct {
  char name[24];
  long count;
} names[MAX_NAMES];
static int name_count;
static long failures[FAILURES], answers, connections;
static long histogram[BUCKETS]; /* tenths of a millisecond */
static double slowest;
static volatile sig_atomic_t stopped;
static int epoll, port, keep;
static unsigned source;
static char request[128];
static size_t request_length;

/* Processor time of this program so far. */
static double cpu_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void on_signal(int number) {
  (void)number;
  stopped = 1;
}

static void drop(struct client *c) {
  if (c->fd >= 0) close(c->fd);
  c->fd = -1;
}

static void fail(struct client *c, enum failure kind) {
  failures[kind]++;
  drop(c);
}

static enum failure kind_of(int error) {
  if (error == ECONNREFUSED) return REFUSED;
  if (error == ECONNRESET || error == EPIPE) return RESET;
  if (error == ETIMEDOUT) return TIMED_OUT;
  return OTHER;
}

/* Each connection comes from another address, so that ports in TIME_WAIT never run out. */
static void open_connection(struct client *c) {
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct sockaddr_in from = {.sin_family = AF_INET};
  from.sin_addr.s_addr = htonl(0x7f010000 + (source++ % 60000) + 1);
  bind(c->fd, (struct sockaddr *)&from, sizeof from);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connections++;
  c->waiting_for_connect = 1;
  int result = connect(c->fd, (struct sockaddr *)&to, sizeof to);
  if (result < 0 && errno != EINPROGRESS) {
    fail(c, kind_of(errno));
    return;
  }
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void send_request(struct client *c) {
  c->got = 0;
  ssize_t sent = send(c->fd, request, request_length, MSG_NOSIGNAL);
  if (sent != (ssize_t)request_length) fail(c, kind_of(errno));
}

static void count_name(const char *body, size_t length) {
  char name[24] = {0};
  for (size_t i = 0; i < length && i < sizeof name - 1 && body[i] > ' '; i++) name[i] = body[i];
  for (int i = 0; i < name_count; i++) {
    if (strcmp(names[i].name, name) == 0) {
      names[i].count++;
      return;
    }
  }
  if (name_count == MAX_NAMES) return;
  memcpy(names[name_count].name, name, sizeof name);
  names[name_count++].count = 1;
}

static void count_answer(struct client *c, const char *body, size_t length) {
  double took = now_ms() - c->began;
  int bucket = (int)(took * 10);
  histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
  if (took > slowest) slowest = took;
  answers++;
  count_name(body, length);
}

/* The rest of a header line behind its name, if it has that name. */
static const char *value_of(const char *line, const char *name) {
  size_t length = strlen(name);
  return strncasecmp(line, name, length) == 0 ? line + length : NULL;
}

/* Whether the answer is whole: 1 and the connection ends, 2 and it lives on, 0 more is to come,
 * -1 it is none. */
static int judge(struct client *c) {
  c->buffer[c->got] = 0;
  char *end = strstr(c->buffer, "\r\n\r\n");
  if (!end) return c->got >= BUFFER - 1 ? -1 : 0;
  if (strncmp(c->buffer, "HTTP/1.", 7) != 0 || strncmp(c->buffer + 8, " 200", 4) != 0) return -1;
  char *body = end + 4;
  size_t have = c->got - (body - c->buffer), length;
  const char *measured = NULL, *chunked = NULL, *close_it = NULL;
  for (const char *line = c->buffer; line < end; line = strchr(line, '\n') + 1) {
    if (!measured) measured = value_of(line, "content-length:");
    if (!chunked) chunked = value_of(line, "transfer-encoding: chunked");
    if (!close_it) close_it = value_of(line, "connection: close");
  }
  if (measured) {
    length = strtoul(measured, NULL, 10);
    if (have < length) return 0;
  } else if (chunked) {
    if (have < 5 || memcmp(body + have - 5, "0\r\n\r\n", 5) != 0) return 0;
    body = strstr(body, "\r\n") + 2;
    length = have;
  } else {
    return -1;
  }
  count_answer(c, body, length);
  return close_it || !keep ? 1 : 2;
}

static void on_readable(struct client *c) {
  for (;;) {
    ssize_t n = recv(c->fd, c->buffer + c->got, BUFFER - 1 - c->got, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return fail(c, kind_of(errno));
    if (n == 0) return fail(c, ENDED);
    c->got += n;
    int verdict = judge(c);
    if (verdict < 0) return fail(c, BAD_ANSWER);
    if (verdict == 1) return drop(c);
    if (verdict == 2) {
      c->began = now_ms();
      return send_request(c);
    }
  }
}

static void on_event(struct client *c, unsigned events) {
  if (c->waiting_for_connect) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error) return fail(c, kind_of(error));
    if (!(events & EPOLLOUT)) return;
    c->waiting_for_connect = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
    return send_request(c);
  }
  on_readable(c);
}

static double percentile(double part) {
  long wanted = (long)(answers * part), seen = 0;
  for (int i = 0; i < BUCKETS; i++)
    if ((seen += histogram[i]) > wanted) return i / 10.0;
  return slowest;
}

static void report(double seconds) {
  printf("{\"answers\":%ld,\"perSecond\":%.0f,\"connections\":%ld,", answers, answers / seconds,
         connections);
  printf("\"cpuMs\":%.0f,\"p50Ms\":%.1f,\"p99Ms\":%.1f,\"maxMs\":%.1f,\"failures\":{", cpu_ms(),
         percentile(0.5), percentile(0.99), slowest);
  for (int i = 0; i < FAILURES; i++)
    printf("%s\"%s\":%ld", i ? "," : "", failure_names[i], failures[i]);
  printf("},\"by\":{");
  for (int i = 0; i < name_count; i++)
    printf("%s\"%s\":%ld", i ? "," : "", names[i].name, names[i].count);
  printf("}}\n");
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "httpload PORT CLIENTS SECONDS [new|keep]\n");
    return 2;
  }
  port = atoi(argv[1]);
  int count = atoi(argv[2]);
  double seconds = atof(argv[3]), timeout = 10000;
  keep = argc > 4 && strcmp(argv[4], "keep") == 0;
  if (count < 1 || count > MAX_CLIENTS) return 2;
  snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
           keep ? "" : "Connection: close\r\n");
  request_length = strlen(request);
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < count; i++) clients[i].fd = -1;
  double start = now_ms();
  while (!stopped && now_ms() - start < seconds * 1e3) {
    double now = now_ms();
    for (int i = 0; i < count; i++) {
      struct client *c = &clients[i];
      if (c->fd >= 0 && now - c->began > timeout) fail(c, TIMED_OUT);
      if (c->fd < 0) {
        c->began = now;
        open_connection(c);
      }
    }
    struct epoll_event events[256];
    int n = epoll_wait(epoll, events, 256, 10);
    for (int i = 0; i < n; i++) {
      struct client *c = events[i].data.ptr;
      if (c->fd >= 0) on_event(c, events[i].events);
    }
  }
  report((now_ms() - start) / 1e3);
  return 0;
}
