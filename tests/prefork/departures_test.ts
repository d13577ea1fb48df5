import { assertEquals } from "@std/assert";
import { Departures } from "../../prefork/_departures.ts";

function stage(): { departures: Departures; left: number[]; enter: (pid: number) => void } {
  const departures = new Departures();
  const left: number[] = [];
  return { departures, left, enter: (pid) => departures.enter(pid, () => void left.push(pid)) };
}

Deno.test("Departures.enter() begins at once when nobody leaves, else in turn", () => {
  const { departures, left, enter } = stage();
  for (const pid of [1, 2, 3]) enter(pid);
  assertEquals(left, [1]);
  departures.end(1);
  assertEquals(left, [1, 2]);
  departures.end(2);
  departures.end(3);
  enter(4);
  assertEquals(left, [1, 2, 3, 4]);
});

Deno.test("Departures.end() takes one out that is gone before its turn", () => {
  const { departures, left, enter } = stage();
  for (const pid of [1, 2, 3]) enter(pid);
  departures.end(2);
  departures.end(9);
  departures.end(1);
  assertEquals(left, [1, 3]);
});

Deno.test("Departures.disband() lets everybody begin", () => {
  const { departures, left, enter } = stage();
  for (const pid of [1, 2]) enter(pid);
  departures.disband();
  enter(3);
  assertEquals([left, departures.disbanded], [[1, 2, 3], true]);
});
