/*
 * Subscribes so many peers to one id, each with a loopback address of its own, changes the id, and
 * prints as JSON how long until the last signal was there, the 99th percentile of the queries that
 * were answered meanwhile, and how many signals were missed. Medians of five changes.
 * udp_fanout PORT PEERS
 */
#include "sockets.h"

#include <poll.h>
#include <string.h>

enum { RUNS = 5, PATIENCE_MS = 2000, MAX_PROBES = 1 << 20, BATCH = 64, SIZE = 512 };

static double probes[MAX_PROBES];
static int probed;

static double millis(void) { return seconds_now() * 1e3; }

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static int open_socket(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0), buffer = 64 << 20;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  struct sockaddr_in any = {.sin_family = AF_INET};
  if (bind(fd, (struct sockaddr *)&any, sizeof any) != 0) exit(1);
  return fd;
}

/* Sends from the loopback address whose last three bytes are given. */
static void send_from(int fd, struct sockaddr_in *server, int host, const char *text, int length) {
  union {
    char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    struct cmsghdr header;
  } control;
  memset(&control, 0, sizeof control);
  struct iovec piece = {(void *)text, length};
  struct msghdr message = {.msg_name = server,
                           .msg_namelen = sizeof *server,
                           .msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = IPPROTO_IP;
  header->cmsg_type = IP_PKTINFO;
  header->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
  struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(0x7f000000 + host)};
  memcpy(CMSG_DATA(header), &info, sizeof info);
  sendmsg(fd, &message, 0);
}

/* Counts the packets that are there whose first message has this letter. */
static int receive(int fd, char letter) {
  static char bytes[BATCH][SIZE];
  struct iovec pieces[BATCH];
  struct mmsghdr messages[BATCH];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < BATCH; i++) {
    pieces[i] = (struct iovec){bytes[i], SIZE};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  int count = 0, got = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
  for (int i = 0; i < got; i++) count += bytes[i][1] == letter;
  return count;
}

int main(int words, char **word) {
  if (words < 3) return 2;
  int peers = atoi(word[2]);
  struct sockaddr_in server = loopback(atoi(word[1]));
  int subscribers = open_socket(), prober = open_socket();
  const char query[] = {0, 'Q', 1, 2, 'f', 'o'}, probe[] = {0, 'Q', 1, 2, 'p', 'r'};
  int replies = 0;
  for (int i = 0; i < peers; i++) {
    send_from(subscribers, &server, 0x10000 + i, query, sizeof query);
    while (i - replies > 100 || (i == peers - 1 && replies < peers)) {
      struct pollfd ready = {subscribers, POLLIN, 0};
      if (poll(&ready, 1, PATIENCE_MS) <= 0) return 1;
      replies += receive(subscribers, 'R');
    }
  }
  double times[RUNS];
  int missed = 0;
  for (int run = 0; run < RUNS; run++) {
    char change[] = {0, 'C', 2, 2, 'f', 'o', 2, 'v', '0'};
    change[8] += run;
    int signals = 0;
    double start = millis(), last = start, asked = start;
    send_from(prober, &server, 1, change, sizeof change);
    send_from(prober, &server, 1, probe, sizeof probe);
    while (signals < peers) {
      struct pollfd ready[] = {{subscribers, POLLIN, 0}, {prober, POLLIN, 0}};
      if (poll(ready, 2, PATIENCE_MS) <= 0) break;
      int got = receive(subscribers, 'S');
      if (got > 0) last = millis();
      signals += got;
      if (receive(prober, 'R') > 0) {
        if (probed < MAX_PROBES) probes[probed++] = millis() - asked;
        asked = millis();
        send_from(prober, &server, 1, probe, sizeof probe);
      }
      if (signals < peers && millis() - last > PATIENCE_MS) break;
    }
    times[run] = last - start;
    missed += peers - signals;
    poll(NULL, 0, 100);
    receive(prober, 'R');
  }
  qsort(times, RUNS, sizeof *times, ascending);
  qsort(probes, probed, sizeof *probes, ascending);
  printf("{\"millis\": %.1f, \"p99\": %.2f, \"missed\": %d}\n", times[RUNS / 2],
         probed > 0 ? probes[probed * 99 / 100] : -1.0, missed);
}
