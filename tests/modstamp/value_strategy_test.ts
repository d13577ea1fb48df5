import { assert, assertEquals } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { countOf, nextValue } from "../../modstamp/value_strategy.ts";

Deno.test("nextValue() counts from 1, after the current number", () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const values = ["", "0", "41", "007", "abc", "-5", "1.5", "999999999999999", "9".repeat(16)];
  assertEquals(
    values.map((value) => nextValue("counter", value, loop)),
    ["1", "1", "42", "8", "1", "1", "1", "1000000000000000", "1"],
  );
});

Deno.test("nextValue() gives the time of the loop's clock", async () => {
  using network = new SimulatedNetwork({ seed: 1, wallMs: 1_700_000_000_000 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  await network.advance(1500);
  assertEquals(nextValue("timestamp", "7", loop), "1700000001500");
});

Deno.test("nextValue() gives random texts that don't repeat", () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const values = Array.from({ length: 1000 }, () => nextValue("random", "", loop));
  assertEquals(new Set(values).size, 1000);
  assert(values.every((value) => /^[0-9a-f]{24}$/.test(value)));
});

Deno.test("countOf() takes what is no count for 0", () => {
  assertEquals(["", "abc", "-1", "12", "1e3"].map(countOf), [0, 0, 0, 12, 0]);
});
