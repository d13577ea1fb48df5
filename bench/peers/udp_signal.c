/*
 * The peer to compare a fan-out with: answers queries, remembers who asked, and sends a change to
 * all of them with sendmmsg. It keeps no value, limits nobody and forgets nothing. Prints its port.
 */
#include "sockets.h"

#include <string.h>

enum { BATCH = 64, SIZE = 512, MAX_PEERS = 1 << 20 };

static char bytes[BATCH][SIZE], signal[SIZE];
static struct sockaddr_in senders[BATCH], peers[MAX_PEERS];
static struct iovec pieces[BATCH], shared = {signal, 0};
static struct mmsghdr messages[BATCH], signals[BATCH];
static int known, next;

/* The next subscribers get the signal; queries are looked for in between. */
static void signal_some(int fd) {
  int count = known - next < BATCH ? known - next : BATCH;
  for (int i = 0; i < count; i++) signals[i].msg_hdr.msg_name = &peers[next + i];
  send_messages(fd, signals, count);
  next += count;
}

int main(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  set_buffers(fd, 8 << 20);
  bind_loopback(fd);
  print_port(fd);
  for (int i = 0; i < BATCH; i++) {
    pieces[i].iov_base = bytes[i];
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &senders[i];
    signals[i].msg_hdr.msg_iov = &shared;
    signals[i].msg_hdr.msg_iovlen = 1;
    signals[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
  }
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      pieces[i].iov_len = SIZE;
      messages[i].msg_hdr.msg_namelen = sizeof senders[i];
    }
    int flags = next < known ? MSG_DONTWAIT : MSG_WAITFORONE;
    int count = recvmmsg(fd, messages, BATCH, flags, NULL);
    for (int i = 0; i < count; i++) {
      pieces[i].iov_len = messages[i].msg_len;
      if (bytes[i][1] == 'C') {
        memcpy(signal, bytes[i], messages[i].msg_len);
        signal[1] = 'S';
        shared.iov_len = messages[i].msg_len;
        next = 0;
      } else if (bytes[i][4] == 'f' && known < MAX_PEERS) {
        peers[known++] = senders[i];
        next = known;
      }
      bytes[i][1] = bytes[i][1] == 'C' ? 'M' : 'R';
    }
    if (count > 0) send_messages(fd, messages, count);
    if (next < known) signal_some(fd);
  }
}
