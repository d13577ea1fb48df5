import { assertEquals } from "@std/assert";
import { Descriptor, SocketType } from "../../../loop/epoll/descriptor.ts";
import { Errno } from "../../../loop/epoll/errno.ts";
import { addressOf } from "../../../loop/epoll/native_memory.ts";
import { Ring } from "../../../loop/epoll/ring.ts";
import { encodeIpAddress, Family } from "../../../loop/epoll/sockaddr.ts";
import { FaultyLibc } from "./faulty_libc.ts";
import { needRing } from "./need_ring.ts";

const { ignore, suffix } = needRing();
const BYTES = 256;

/** A ring, and sockets each of which is connected to itself. */
class RingBench implements Disposable {
  readonly libc = new FaultyLibc();
  readonly ring = Ring.open(this.libc)!;
  readonly sockets: Descriptor[] = [];
  readonly input = new Uint8Array(Ring.capacity * BYTES);
  readonly output = new Uint8Array(Ring.capacity * BYTES);
  readonly #inputAt = addressOf(this.input);
  readonly #outputAt = addressOf(this.output);

  constructor(count: number) {
    const kind = { family: Family.INET, type: SocketType.DATAGRAM };
    for (let i = 0; i < count; i++) {
      const socket = Descriptor.socket(this.libc, kind) as Descriptor;
      socket.bind(encodeIpAddress({ hostname: "127.0.0.1", port: 0 }, Family.INET)!);
      const { port } = socket.localAddress() as { port: number };
      socket.connect(encodeIpAddress({ hostname: "127.0.0.1", port }, Family.INET)!);
      this.sockets.push(socket);
      this.output.fill(i + 1, i * BYTES, (i + 1) * BYTES);
    }
  }

  /** Sends to each socket as many bytes as its place says, and one. */
  send(count = this.sockets.length): boolean {
    for (let i = 0; i < count; i++) {
      this.ring.send(this.sockets[i].number, this.#outputAt + i * BYTES, i + 1);
    }
    return this.ring.submit();
  }

  receive(count = this.sockets.length): boolean {
    for (let i = 0; i < count; i++) {
      this.ring.receive(this.sockets[i].number, this.#inputAt + i * BYTES, BYTES);
    }
    return this.ring.submit();
  }

  results(count = this.sockets.length): number[] {
    return [...this.ring.results.subarray(0, count)];
  }

  [Symbol.dispose](): void {
    for (const socket of this.sockets) socket[Symbol.dispose]();
    this.ring[Symbol.dispose]();
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

Deno.test({
  name: `Ring.submit() does what was prepared in one call${suffix}`,
  ignore,
  fn() {
    using bench = new RingBench(Ring.capacity);
    bench.send();
    assertEquals(bench.results(), upTo(Ring.capacity));
    bench.receive();
    assertEquals(bench.results(), upTo(Ring.capacity));
    for (let i = 0; i < Ring.capacity; i++) {
      const received = bench.input.subarray(i * BYTES, i * BYTES + i + 1);
      assertEquals(received, new Uint8Array(i + 1).fill(i + 1));
    }
    assertEquals(bench.libc.count("io_uring_enter"), 2);
  },
});

Deno.test({
  name: `Ring.submit() waits for no socket, and tells what failed by its place${suffix}`,
  ignore,
  fn() {
    using bench = new RingBench(4);
    bench.send(1);
    bench.sockets[2][Symbol.dispose]();
    assertEquals(bench.receive(), true);
    assertEquals(bench.results(), [1, -Errno.EAGAIN, -Errno.EBADF, -Errno.EAGAIN]);
    assertEquals(bench.send(), true);
    assertEquals(bench.results(), [1, 2, -Errno.EBADF, 4]);
  },
});

Deno.test({
  name: `Ring.submit() goes on at the beginning when its places are used up${suffix}`,
  ignore,
  fn() {
    using bench = new RingBench(Ring.capacity);
    for (let round = 0; round < 300; round++) {
      const count = 1 + round % Ring.capacity;
      bench.send(count);
      bench.receive(count);
      assertEquals(bench.results(count), upTo(count));
    }
  },
});

Deno.test({
  name: `Ring.submit() forgets what the system did not begin${suffix}`,
  ignore,
  fn() {
    using bench = new RingBench(3);
    bench.libc.fail("io_uring_enter", Errno.EINTR, Errno.ENOMEM);
    assertEquals(bench.send(), false);
    assertEquals(bench.results(), [-Errno.EAGAIN, -Errno.EAGAIN, -Errno.EAGAIN]);
    assertEquals(bench.receive(), true);
    assertEquals(bench.results(), [-Errno.EAGAIN, -Errno.EAGAIN, -Errno.EAGAIN]);
  },
});

Deno.test({
  name: `Ring.submit() goes on with what the system began in part${suffix}`,
  ignore,
  fn() {
    using bench = new RingBench(3);
    bench.libc.fail("io_uring_enter", (values) => void (values[2] = values[3] = 1));
    assertEquals(bench.send(), true);
    assertEquals(bench.results(), [1, 2, 3]);
    assertEquals(bench.libc.count("io_uring_enter"), 2);
  },
});

for (const name of ["io_uring_setup", "mmap"] as const) {
  Deno.test({
    name: `Ring.open() gives none, and leaves nothing open, when ${name} fails${suffix}`,
    ignore,
    fn() {
      const libc = new FaultyLibc();
      libc.fail(name, Errno.EPERM);
      assertEquals(Ring.open(libc), null);
      const opened = libc.count("io_uring_setup") - (name === "io_uring_setup" ? 1 : 0);
      assertEquals(libc.count("close"), opened);
    },
  });
}
