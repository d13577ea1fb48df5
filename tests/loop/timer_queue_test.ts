import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Handle } from "../../loop/handle.ts";
import { TimerQueue } from "../../loop/timer_queue.ts";

function timerAt(at: number): Handle {
  return new Handle(() => {}, { at });
}

Deno.test("TimerQueue.take() gives timers that are due, and none armed after the mark", () => {
  const queue = new TimerQueue();
  const [first, second, third] = [timerAt(1), timerAt(2), timerAt(3)];
  for (const timer of [third, first, second]) queue.add(timer);
  const { mark } = queue;
  const late = timerAt(0);
  assertEquals([queue.nextAt, queue.size], [1, 3]);
  assertEquals(queue.take(0.5, mark), null);
  assertEquals(queue.take(2, mark), first);
  assertEquals(queue.take(2, mark), second);
  assertEquals(queue.take(2, mark), null);
  queue.add(late);
  assertEquals(queue.take(2, mark), null);
  assertEquals(queue.take(2, queue.mark), late);
  queue.clear();
  assertEquals([queue.nextAt, queue.size], [Infinity, 0]);
});

Deno.test("TimerQueue.remove() does nothing for a timer that is not armed", () => {
  const queue = new TimerQueue();
  const [armed, taken, removed, cleared] = [1, 0, 2, 3].map(timerAt);
  for (const timer of [armed, taken, removed]) queue.add(timer);
  queue.take(0, queue.mark);
  queue.remove(removed);
  for (const timer of [taken, removed, removed, timerAt(1)]) queue.remove(timer);
  assertEquals(queue.size, 1);
  queue.add(cleared);
  queue.clear();
  queue.remove(cleared);
  assertEquals(queue.size, 0);
});

type Command =
  | { do: "add"; at: number }
  | { do: "remove"; index: number }
  | { do: "take"; now: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("add" as const), at: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), index: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("take" as const), now: fc.nat(20) }) },
);

Deno.test("TimerQueue does what a sorted array would", () => {
  fc.assert(fc.property(fc.array(command, { maxLength: 400, size: "max" }), (commands) => {
    const queue = new TimerQueue();
    const all: Handle[] = [];
    let model: Handle[] = [];
    for (const each of commands) {
      if (each.do === "add") {
        const timer = timerAt(each.at);
        all.push(timer);
        queue.add(timer);
        const place = model.findIndex(({ at }) => at > each.at);
        model.splice(place < 0 ? model.length : place, 0, timer);
      } else if (each.do === "remove" && all.length > 0) {
        const timer = all[each.index % all.length];
        queue.remove(timer);
        model = model.filter((other) => other !== timer);
      } else if (each.do === "take") {
        const expected = model[0]?.at <= each.now ? model.shift()! : null;
        assertEquals(queue.take(each.now, queue.mark) === expected, true);
      }
      assertEquals([queue.size, queue.nextAt], [model.length, model[0]?.at ?? Infinity]);
    }
    for (const timer of model) assertEquals(queue.take(Infinity, queue.mark) === timer, true);
    assertEquals(queue.size, 0);
  }));
});
