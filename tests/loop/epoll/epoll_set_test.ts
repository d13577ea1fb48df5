import { assert, assertEquals } from "@std/assert";
import { EpollSet, Interest, type Watcher } from "../../../loop/epoll/epoll_set.ts";
import { Errno } from "../../../loop/epoll/errno.ts";
import { loadLibc } from "../../../loop/epoll/libc.ts";
import { FaultyLibc } from "./faulty_libc.ts";

const READABLE = 1;

class Recorder implements Watcher {
  readonly events: number[] = [];
  onReady(events: number): void {
    this.events.push(events);
  }
}

Deno.test("EpollSet.dispatch() tells whose descriptor is ready, and of what", () => {
  const libc = loadLibc();
  using set = new EpollSet(libc);
  const descriptors = [libc.calls.eventfd(READABLE, 0), libc.calls.eventfd(0, 0)];
  const [readable, empty] = descriptors.map((descriptor) => {
    const watcher = new Recorder();
    set.add(watcher, { descriptor, events: Interest.IN });
    return watcher;
  });
  assertEquals(set.look(), 1);
  set.dispatch();
  set.dispatch();
  assertEquals([readable.events, empty.events], [[Interest.IN], []]);
  for (const descriptor of descriptors) libc.calls.close(descriptor);
});

Deno.test("EpollSet.dispatch() doesn't tell the next owner of a place about the last", () => {
  const libc = loadLibc();
  using set = new EpollSet(libc);
  const descriptor = libc.calls.eventfd(READABLE, 0);
  const [former, next] = [new Recorder(), new Recorder()];
  const place = set.add(former, { descriptor, events: Interest.IN });
  assertEquals(set.look(), 1);
  set.remove(place, descriptor);
  assertEquals(set.add(next, { descriptor, events: Interest.IN }), place);
  set.dispatch();
  assertEquals([former.events, next.events], [[], []]);
  set.look();
  set.dispatch();
  assertEquals([former.events, next.events], [[], [Interest.IN]]);
  libc.calls.close(descriptor);
});

Deno.test("EpollSet.add() answers the error number of what can't be waited for", () => {
  using set = new EpollSet(loadLibc());
  assertEquals(set.add(new Recorder(), { descriptor: -1, events: Interest.IN }), -9);
});

Deno.test("EpollSet.linger() waits for what becomes ready, or as long as it was told", () => {
  const libc = loadLibc();
  using set = new EpollSet(libc);
  const descriptor = libc.calls.eventfd(0, 0);
  set.add(new Recorder(), { descriptor, events: Interest.IN });
  const start = performance.now();
  assertEquals(set.linger(1.5), 0);
  assert(performance.now() - start >= 1.4);
  libc.calls.eventfd_write(descriptor, 1n);
  assertEquals(set.linger(3_600_000), 1);
  libc.calls.close(descriptor);
});

Deno.test("EpollSet.linger() looks often where the system can't wait for so short", () => {
  for (const missing of [true, false]) {
    const faulty = new FaultyLibc();
    faulty.fail("epoll_pwait2", Errno.ENOSYS);
    const libc = missing
      ? { errno: faulty.errno, calls: { ...faulty.calls, epoll_pwait2: null } }
      : faulty;
    using set = new EpollSet(libc);
    assertEquals(set.linger(3_600_000), 0);
    assert(faulty.count("epoll_wait") > 1);
  }
});
