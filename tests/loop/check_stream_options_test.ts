import { assertThrows } from "@std/assert";
import { checkConnectOptions, checkListenOptions } from "../../loop/check_stream_options.ts";
import type { ConnectOptions, ListenOptions } from "../../loop/mod.ts";

const handlers = { onData: () => {} };
const listen = (options: Partial<ListenOptions>) => () =>
  checkListenOptions({ onConnection: () => handlers, ...options });
const connect = (options: Partial<ConnectOptions>) => () =>
  checkConnectOptions({ handlers, ...options });

Deno.test("checkListenOptions() lets the usual pass", () => {
  listen({})();
  listen({ port: 0, backlog: 1, maxConnections: 1, idleTimeoutMs: 0, lingerMs: 0 })();
  listen({ path: "x", highWatermark: 10, lowWatermark: 10, maxQueuedBytes: Infinity })();
  listen({ tls: { cert: "", key: "" } })();
});

Deno.test("checkListenOptions() refuses what is out of range", () => {
  const wrong: Partial<ListenOptions>[] = [
    { port: -1 },
    { port: 65_536 },
    { backlog: 0 },
    { maxConnections: NaN },
    { highWatermark: 0 },
    { lowWatermark: -1 },
    { lowWatermark: 65_537 },
    { maxQueuedBytes: 0 },
    { idleTimeoutMs: -1 },
    { lingerMs: -1 },
    { tls: { cert: "", key: "", handshakeTimeoutMs: -1 } },
  ];
  for (const options of wrong) assertThrows(listen(options), RangeError, "Cannot listen as ");
  const message = "Cannot listen as lowWatermark must be from 0 to 10: received 11";
  assertThrows(listen({ highWatermark: 10, lowWatermark: 11 }), RangeError, message);
});

Deno.test("checkConnectOptions() wants a port or a path", () => {
  connect({ port: 1 })();
  connect({ path: "x" })();
  assertThrows(connect({}), TypeError, "either a port or a path");
  assertThrows(connect({ port: 1, path: "x" }), TypeError, "either a port or a path");
});

Deno.test("checkConnectOptions() refuses what is out of range", () => {
  for (const options of [{ port: 0 }, { port: 65_536 }, { port: 1, connectTimeoutMs: -1 }]) {
    assertThrows(connect(options), RangeError, "Cannot connect as ");
  }
});
