/* The peer to compare with: a UDP echo on recvmmsg and sendmmsg. Prints its port. */
#include "sockets.h"

enum { BATCH = 64, SIZE = 2048 };

static char bytes[BATCH][SIZE];
static struct sockaddr_in senders[BATCH];
static struct iovec pieces[BATCH];
static struct mmsghdr messages[BATCH];

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
  }
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      pieces[i].iov_len = SIZE;
      messages[i].msg_hdr.msg_namelen = sizeof senders[i];
    }
    int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    for (int i = 0; i < count; i++) pieces[i].iov_len = messages[i].msg_len;
    send_messages(fd, messages, count);
  }
}
