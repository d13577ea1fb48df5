/*
 * A load of modstamp packets: keeps WINDOW in flight until COUNT were answered and prints the rate
 * as JSON. udp_load PORT WINDOW COUNT query|change [IDS]
 */
#include "sockets.h"

#include <poll.h>
#include <string.h>

enum { BATCH = 64, SIZE = 2048, STALL_MS = 300 };

static int argument(char *at, const char *text, int length) {
  *at = (char)length;
  memcpy(at + 1, text, length);
  return length + 1;
}

static int packet(char *at, const char *kind, long index, long ids) {
  char text[64];
  int change = kind[0] == 'c';
  int end = 3;
  at[0] = 0;
  at[1] = change ? 'C' : 'Q';
  at[2] = change ? 2 : 1;
  end += argument(at + end, text, snprintf(text, sizeof text, "%s%ld", kind, index % ids));
  /* Values differ from those of the run before, which would be no change. */
  if (change) end += argument(at + end, text, snprintf(text, sizeof text, "v%d.%ld", getpid(), index));
  return end;
}

int main(int count, char **words) {
  if (count < 5) return 2;
  long window = atol(words[2]), wanted = atol(words[3]), ids = count > 5 ? atol(words[5]) : 10;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  set_buffers(fd, 8 << 20);
  connect_loopback(fd, atoi(words[1]));
  static char out[BATCH][SIZE], in[BATCH][SIZE];
  struct iovec out_pieces[BATCH], in_pieces[BATCH];
  struct mmsghdr out_messages[BATCH], in_messages[BATCH];
  memset(out_messages, 0, sizeof out_messages);
  memset(in_messages, 0, sizeof in_messages);
  for (int i = 0; i < BATCH; i++) {
    out_pieces[i].iov_base = out[i];
    out_messages[i].msg_hdr.msg_iov = &out_pieces[i];
    out_messages[i].msg_hdr.msg_iovlen = 1;
    in_pieces[i] = (struct iovec){in[i], SIZE};
    in_messages[i].msg_hdr.msg_iov = &in_pieces[i];
    in_messages[i].msg_hdr.msg_iovlen = 1;
  }
  long sent = 0, received = 0, lost = 0;
  double start = seconds_now();
  while (received < wanted) {
    for (long room = window - (sent - received - lost); room > 0;) {
      int batch = room < BATCH ? (int)room : BATCH;
      for (int i = 0; i < batch; i++) out_pieces[i].iov_len = packet(out[i], words[4], sent + i, ids);
      int done = sendmmsg(fd, out_messages, batch, 0);
      if (done <= 0) break;
      sent += done;
      room -= done;
    }
    struct pollfd ready = {fd, POLLIN, 0};
    if (poll(&ready, 1, STALL_MS) <= 0) {
      lost = sent - received;
      continue;
    }
    int got = recvmmsg(fd, in_messages, BATCH, MSG_DONTWAIT, NULL);
    if (got > 0) received += got;
  }
  printf("{\"perSecond\": %.0f, \"lost\": %ld}\n", received / (seconds_now() - start), lost);
}
