import { assertEquals, assertRejects } from "@std/assert";
import type { Connection } from "../../../websocket/mod.ts";
import { Gate } from "../../../websocket/wamp/gate.ts";

/** A gate whose connection hands over a last message as soon as it reads on. */
function setting(): { gate: Gate; lines: string[] } {
  const lines: string[] = [];
  const gate: Gate = new Gate({
    pause: () => void lines.push("pause"),
    resume() {
      lines.push("resume");
      if (lines.includes("held")) return;
      void gate.enter(() => void lines.push("held"));
    },
  } as Connection);
  return { gate, lines };
}

Deno.test("Gate.enter() keeps the order while a promise is pending", async () => {
  const { gate, lines } = setting();
  const { promise, resolve } = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  const note = (value: string): void => void lines.push(value);
  const works = [
    gate.pass(promise, note),
    gate.enter(() => note("a")),
    gate.enter(() => gate.pass(second.promise, note)),
    gate.enter(() => note("b")),
  ];
  resolve("first");
  await works[1];
  assertEquals(lines, ["pause", "first", "a", "pause"]);
  second.resolve("second");
  await Promise.all(works);
  assertEquals(lines, ["pause", "first", "a", "pause", "second", "b", "resume", "held"]);
});

Deno.test("Gate.pass() opens when the promise is rejected, or what takes it fails", async () => {
  const { gate, lines } = setting();
  const failed = gate.pass(Promise.reject(new TypeError("Broken")), () => undefined);
  const next = gate.enter(() => void lines.push("next"));
  await assertRejects(() => failed as Promise<void>, TypeError, "Broken");
  await next;
  assertEquals(lines, ["pause", "next", "resume", "held"]);
  const thrown = gate.pass(Promise.resolve(1), () => {
    throw new TypeError("Broken too");
  });
  const waiting = gate.enter(() => {
    throw new TypeError("And this");
  });
  await assertRejects(() => thrown as Promise<void>, TypeError, "Broken too");
  await assertRejects(() => waiting as Promise<void>, TypeError, "And this");
});
