import { assertEquals } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { closeWithin } from "../../program/keep_debugger_closed.ts";

/** Closes a debugger that opens after some time; tells when it is closed, or that it was not. */
async function close(opensMs: number): Promise<number | null> {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  let closedAt: number | null = null;
  const inspector = {
    url: () => loop.now() >= opensMs && closedAt === null ? "ws://127.0.0.1:9229/" : undefined,
    close: () => void (closedAt = loop.now()),
  };
  const closed = closeWithin(inspector, loop);
  await network.advance(10_000);
  assertEquals(await closed, closedAt !== null);
  return closedAt;
}

Deno.test("keepDebuggerClosed() closes it when it is open, or soon after", async () => {
  assertEquals(await close(0), 0);
  assertEquals(await close(101), 105);
});

Deno.test("keepDebuggerClosed() doesn't wait for ever", async () => {
  assertEquals(await close(5000), null);
});
