import { assertEquals, assertRejects } from "@std/assert";
import { TurnQueue } from "../../../websocket/session/turn_queue.ts";

Deno.test("TurnQueue.run() runs tasks of one key in order, and those of others at once", async () => {
  const queue = new TurnQueue();
  const lines: string[] = [];
  const first = Promise.withResolvers<void>();
  const task = (name: string, wait?: Promise<void>) => async () => {
    lines.push(`begin ${name}`);
    await wait;
    lines.push(`end ${name}`);
    return name;
  };
  const all = [
    queue.run("a", task("1", first.promise)),
    queue.run("a", task("2")),
    queue.run("a", task("3")),
  ];
  assertEquals(await queue.run("b", task("other")), "other");
  assertEquals(lines, ["begin 1", "begin other", "end other"]);
  first.resolve();
  assertEquals(await Promise.all(all), ["1", "2", "3"]);
  assertEquals(lines.slice(3), ["end 1", "begin 2", "end 2", "begin 3", "end 3"]);
  await Promise.resolve();
  assertEquals(queue.size, 0);
});

Deno.test("TurnQueue.run() goes on behind a task that fails", async () => {
  const queue = new TurnQueue();
  const failed = queue.run("a", () => Promise.reject(new TypeError("Broken")));
  const next = queue.run("a", () => Promise.resolve(1));
  await assertRejects(() => failed, TypeError, "Broken");
  assertEquals(await next, 1);
});
