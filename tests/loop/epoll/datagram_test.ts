import { assert, assertEquals, assertRejects } from "@std/assert";
import { Errno } from "../../../loop/epoll/errno.ts";
import { EpollPoller } from "../../../loop/epoll/poller.ts";
import {
  type DatagramOptions,
  type DatagramSocket,
  EventLoop,
  ListenError,
} from "@sluice/sluice/loop";
import { FaultyLibc } from "./faulty_libc.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Opens a socket that collects what it receives. */
async function collect(
  loop: EventLoop,
  options: Partial<DatagramOptions> = {},
): Promise<{ socket: DatagramSocket; received: string[]; next: (count: number) => Promise<void> }> {
  const received: string[] = [];
  let waiting: { count: number; resolve: () => void } | null = null;
  const socket = await loop.bindDatagram({
    hostname: "127.0.0.1",
    onBatch(batch) {
      for (let i = 0; i < batch.count; i++) {
        received.push(text(batch.bytes.subarray(batch.start(i), batch.end(i))));
      }
      if (waiting !== null && received.length >= waiting.count) waiting.resolve();
    },
    ...options,
  });
  const next = (count: number): Promise<void> =>
    new Promise((resolve) => {
      if (received.length >= count) resolve();
      else waiting = { count, resolve };
    });
  return { socket, received, next };
}

function peerOf(from: DatagramSocket, to: DatagramSocket): number {
  return from.peers.internAddress("127.0.0.1", to.localAddress.port);
}

Deno.test("EpollDatagram sends datagrams in order, more than one call takes", async () => {
  await using loop = new EventLoop({ poller: "epoll" });
  const { socket: to, received, next } = await collect(loop);
  const { socket: from } = await collect(loop);
  const peer = peerOf(from, to);
  const sent = Array.from({ length: 500 }, (_, i) => `datagram ${i}`);
  for (const each of sent) assert(from.send(peer, bytes(each)));
  await next(500);
  assertEquals(received, sent);
  assertEquals(from.stats().sent, 500);
  assertEquals(to.stats().received, 500);
});

Deno.test("EpollDatagram sends what the system didn't take once it can", async () => {
  const libc = new FaultyLibc();
  await using loop = new EventLoop({ poller: new EpollPoller({ libc }) });
  const { socket: to, received, next } = await collect(loop);
  const { socket: from } = await collect(loop);
  const peer = peerOf(from, to);
  const takeTwo = (values: unknown[]): void => void (values[2] = 2);
  libc.fail("sendmmsg", takeTwo, Errno.EAGAIN, takeTwo, Errno.EAGAIN);
  const first = ["a", "b", "c", "d", "e"];
  for (const each of first) from.send(peer, bytes(each));
  await next(2);
  from.send(peer, bytes("f"));
  await next(6);
  assertEquals(received, [...first, "f"]);
  assertEquals(from.stats(), {
    received: 0,
    sent: 6,
    oversized: 0,
    sendErrors: 0,
    receiveErrors: 0,
  });
});

Deno.test("EpollDatagram drops and counts what the system refuses, and goes on", async () => {
  const libc = new FaultyLibc();
  await using loop = new EventLoop({ poller: new EpollPoller({ libc }) });
  const { socket: to, received, next } = await collect(loop);
  const { socket: from } = await collect(loop);
  const peer = peerOf(from, to);
  const refusals = [
    Errno.ENOBUFS,
    Errno.EMSGSIZE,
    Errno.ENETDOWN,
    Errno.ENETUNREACH,
    Errno.ECONNREFUSED,
  ];
  libc.fail("sendmmsg", ...refusals, Errno.EINTR);
  for (let i = 0; i < refusals.length; i++) from.send(peer, bytes("lost"));
  from.send(peer, bytes("kept"));
  await next(1);
  assertEquals(received, ["kept"]);
  assertEquals(from.stats().sendErrors, refusals.length);
  assertEquals(from.stats().sent, 1);
});

Deno.test("EpollDatagram counts errors of receiving, and goes on", async () => {
  const libc = new FaultyLibc();
  await using loop = new EventLoop({ poller: new EpollPoller({ libc }) });
  const { socket: to, received, next } = await collect(loop);
  const { socket: from } = await collect(loop);
  libc.fail("recvmmsg", Errno.ECONNREFUSED, Errno.ENETDOWN, Errno.EINTR, Errno.ENOBUFS);
  from.send(peerOf(from, to), bytes("kept"));
  await next(1);
  assertEquals(received, ["kept"]);
  assertEquals(to.stats().receiveErrors + from.stats().receiveErrors, 3);
});

Deno.test("EpollDatagram pauses when receiving fails again and again, and recovers", async () => {
  const libc = new FaultyLibc();
  await using loop = new EventLoop({ poller: new EpollPoller({ libc }) });
  const { socket: to, received, next } = await collect(loop);
  await using other = new EventLoop({ poller: "epoll" });
  const { socket: from } = await collect(other);
  libc.fail("recvmmsg", ...Array(20).fill(Errno.ENOBUFS));
  from.send(peerOf(from, to), bytes("kept"));
  await next(1);
  assertEquals(received, ["kept"]);
  assertEquals(to.stats().receiveErrors, 20);
  assert(libc.count("recvmmsg") <= 25);
});

Deno.test("EpollDatagram counts datagrams for peers it never met, and sends the others", async () => {
  await using loop = new EventLoop({ poller: "epoll" });
  const { socket: to, received, next } = await collect(loop);
  const { socket: from } = await collect(loop);
  const peer = peerOf(from, to);
  for (const target of [1_000_000, peer, 1_000_000, peer]) from.send(target, bytes("x"));
  await next(2);
  assertEquals(received.length, 2);
  assertEquals(from.stats().sendErrors, 2);
});

Deno.test("EpollDatagram tells onError when its descriptor is lost", async () => {
  const libc = new FaultyLibc();
  await using loop = new EventLoop({ poller: new EpollPoller({ libc }) });
  const lost = Promise.withResolvers<Error>();
  const { socket: to } = await collect(loop, { onError: lost.resolve });
  await using other = new EventLoop({ poller: "epoll" });
  const { socket: from } = await collect(other);
  libc.fail("recvmmsg", Errno.EBADF);
  from.send(peerOf(from, to), bytes("x"));
  assertEquals(
    (await lost.promise).message,
    `Cannot receive on port ${to.localAddress.port} as the system refuses: EBADF`,
  );
  assert(to.closed);
});

Deno.test("EpollDatagram leaves out of a batch, and counts, what is too long", async () => {
  await using loop = new EventLoop({ poller: "epoll" });
  const { socket: to, received, next } = await collect(loop, { maxDatagramBytes: 10 });
  const { socket: from } = await collect(loop);
  const peer = peerOf(from, to);
  const sent = ["first", "far too long", "second", "0123456789", "0123456789A", "last"];
  for (let round = 0; round < 2; round++) for (const each of sent) from.send(peer, bytes(each));
  await next(8);
  const fitting = ["first", "second", "0123456789", "last"];
  assertEquals(received, [...fitting, ...fitting]);
  assertEquals(to.stats().oversized, 4);
  assertEquals(to.stats().received, 8);
});

Deno.test("EpollDatagram speaks IPv6 and IPv4 on one socket", async () => {
  await using loop = new EventLoop({ poller: "epoll" });
  const senders: string[] = [];
  const both = Promise.withResolvers<void>();
  const server = await loop.bindDatagram({
    onBatch(batch, socket) {
      for (let i = 0; i < batch.count; i++) {
        senders.push(socket.peers.address(batch.peer(i)).hostname);
      }
      if (senders.length === 2) both.resolve();
    },
  });
  assertEquals(server.localAddress.hostname, "::");
  for (const hostname of ["127.0.0.1", "::1"]) {
    const { socket } = await collect(loop, { hostname });
    assertEquals(socket.localAddress.hostname, hostname);
    socket.send(socket.peers.internAddress(hostname, server.localAddress.port), bytes("hello"));
  }
  await both.promise;
  assertEquals(senders.toSorted(), ["127.0.0.1", "::1"]);
});

Deno.test("EpollDatagram carries on with IPv4 where the system has no IPv6", async () => {
  const libc = new FaultyLibc();
  libc.fail("socket", Errno.EAFNOSUPPORT);
  await using loop = new EventLoop({ poller: new EpollPoller({ libc }) });
  const peers: number[] = [];
  const { socket: to, received, next } = await collect(loop, { hostname: "::" });
  const { socket: from } = await collect(loop, {
    onBatch: (batch, socket) => {
      peers.push(batch.peer(0), batch.peer(0));
      socket.send(batch.peer(0), bytes("back"));
    },
  });
  assertEquals(to.localAddress.hostname, "0.0.0.0");
  to.send(peerOf(to, from), bytes("forth"));
  to.send(to.peers.internAddress("::1", from.localAddress.port), bytes("nowhere"));
  await next(1);
  assertEquals(received, ["back"]);
  assertEquals(peers[0], peers[1]);
  assertEquals(from.peers.address(peers[0]), {
    hostname: "127.0.0.1",
    port: to.localAddress.port,
  });
  assertEquals(to.stats().sendErrors, 1);
});

Deno.test("EpollDatagram shares a port with reusePort alone", async () => {
  await using loop = new EventLoop({ poller: "epoll" });
  const { socket } = await collect(loop, { reusePort: true });
  const { port } = socket.localAddress;
  const { socket: second } = await collect(loop, { reusePort: true, port });
  assertEquals(second.localAddress.port, port);
  const refusal = await assertRejects(() => collect(loop, { port }), ListenError);
  assertEquals(refusal.code, "in-use");
});

Deno.test("EpollDatagram[Symbol.asyncDispose]() sends what is queued first", async () => {
  await using loop = new EventLoop({ poller: "epoll" });
  const { socket: to, received, next } = await collect(loop);
  const { socket: from } = await collect(loop);
  for (let i = 0; i < 3000; i++) from.send(peerOf(from, to), bytes("x"));
  await from[Symbol.asyncDispose]();
  assert(from.closed);
  await next(3000);
  assertEquals(received.length, 3000);
});

Deno.test("EventLoop.stop() sends what is queued though the system doesn't take it at first", async () => {
  const libc = new FaultyLibc();
  const loop = new EventLoop({ poller: new EpollPoller({ libc }) });
  await using other = new EventLoop({ poller: "epoll" });
  const { socket: to, received, next } = await collect(other);
  const { socket: from } = await collect(loop);
  libc.fail("sendmmsg", Errno.EAGAIN, Errno.EAGAIN);
  loop.callSoon(() => void from.send(peerOf(from, to), bytes("last words")));
  await loop.stop();
  await next(1);
  assertEquals(received, ["last words"]);
  await loop[Symbol.asyncDispose]();
});
