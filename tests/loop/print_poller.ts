/**
 * Makes a loop, with the poller of its argument if there is one, and prints which it got.
 *
 * @module
 */
import { EventLoop, type EventLoopOptions } from "../../loop/mod.ts";

const fallbacks: string[] = [];
try {
  const poller = Deno.args[0] as EventLoopOptions["poller"];
  await using loop = new EventLoop({ poller, onFallback: (reason) => void fallbacks.push(reason) });
  console.log(JSON.stringify({ poller: loop.poller, fallbacks }));
} catch (error) {
  console.log(JSON.stringify({ error: String(error), fallbacks }));
}
