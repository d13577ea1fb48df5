/**
 * Listens where descriptors are short (`ulimit -n`), with the poller that SLUICE_POLLER names and
 * for as many clients as the argument says. Prints as JSON, a line each: its port; what it has
 * counted while it is short; what it has counted when all clients were accepted.
 */
import { EventLoop } from "../../../loop/mod.ts";

// The platform itself fails when it needs descriptors for signals only after they are short.
const ignore = (): void => {};
Deno.addSignalListener("SIGUSR1", ignore);

const clients = Number(Deno.args[0]);
const loop = new EventLoop();
const listener = await loop.listenStream({
  hostname: "127.0.0.1",
  onConnection: () => ({ onData: () => {} }),
});
const tell = (what: unknown): void => console.log(JSON.stringify(what));

tell((listener.localAddress as { port: number }).port);
while (listener.stats().acceptPauses === 0) await loop.sleep(10);
const before = loop.stats().iterations;
await loop.sleep(100);
tell({ ...listener.stats(), iterations: loop.stats().iterations - before });
while (listener.stats().accepted < clients) await loop.sleep(10);
tell(listener.stats());
await listener[Symbol.asyncDispose]();
await loop[Symbol.asyncDispose]();
Deno.removeSignalListener("SIGUSR1", ignore);
