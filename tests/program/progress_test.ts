import { assertEquals } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { Progress } from "../../program/mod.ts";

function screen(isTerminal: boolean): { written: string[]; progress: Progress } {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  return { written, progress: new Progress({ isTerminal, columns: () => 10, write }) };
}

Deno.test("Progress.follow() writes one line anew, below what is logged, and takes it back", async () => {
  const network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const { written, progress } = screen(true);
  let left = 123_456_789_012;
  {
    using _line = progress.follow(loop, () => `${left} left`);
    left = 2;
    await network.advance(200);
    progress.around(() => written.push("log\n"));
  }
  progress.around(() => written.push("log\n"));
  assertEquals(written, [
    "\r\x1b[2K123456789",
    "\r\x1b[2K2 left",
    "\r\x1b[2K",
    "log\n",
    "2 left",
    "\r\x1b[2K",
    "log\n",
  ]);
  await loop[Symbol.asyncDispose]();
});

Deno.test("Progress.follow() writes nothing where nobody looks", () => {
  const { written, progress } = screen(false);
  using _line = progress.follow(EventLoop.default(), () => "1 left");
  progress.around(() => written.push("log\n"));
  assertEquals(written, ["log\n"]);
});
