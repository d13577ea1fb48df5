import { assertEquals } from "@std/assert";
import { EpollSet, Interest, type Watcher } from "../../../loop/epoll/epoll_set.ts";
import { loadLibc } from "../../../loop/epoll/libc.ts";

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
