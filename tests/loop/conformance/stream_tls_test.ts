import { assert, assertEquals, assertRejects } from "@std/assert";
import { StreamError } from "../../../loop/mod.ts";
import { eachPoller } from "./each_poller.ts";
import { bytesOf, connectPair, connectTo, listenWith, passTime } from "./stream_pair.ts";

const read = (name: string): string =>
  Deno.readTextFileSync(new URL(`../tls/${name}.pem`, import.meta.url));
const caCerts = [read("authority")];
const tls = { cert: read("certificate"), key: read("key") };
const options = { needs: ["tls"] } as const;

eachPoller("StreamSocket over TLS transfers both ways and half-closes", async (world) => {
  const { server, client } = await connectPair(world, {
    listen: { tls },
    connect: { tls: { caCerts } },
    server: { onData: () => {}, halfOpen: true },
  });
  client.stream.write(new Uint8Array(3_000_000));
  client.stream.end();
  await server.told.told("end");
  assertEquals(server.told.received, 3_000_000);
  server.stream.write(bytesOf("thanks"));
  server.stream.end();
  assertEquals(await Promise.all([client.told.closed(), server.told.closed()]), [null, null]);
  assertEquals(client.told.text, "thanks");
  assertEquals([client.stream.alpnProtocol, server.stream.alpnProtocol], [null, null]);
}, options);

eachPoller("StreamSocket.alpnProtocol is what both sides know", async (world) => {
  const { server, client } = await connectPair(world, {
    listen: { tls: { ...tls, alpnProtocols: ["ring/1", "ring/2"] } },
    connect: { tls: { caCerts, serverName: "sluice.test", alpnProtocols: ["ring/2"] } },
  });
  assertEquals([client.stream.alpnProtocol, server.stream.alpnProtocol], ["ring/2", "ring/2"]);
  client.stream.end();
  await client.told.closed();
}, options);

eachPoller("ConnectTls wants a certificate of the right name and authority", async (world) => {
  const listener = await listenWith(world, () => {}, { tls });
  for (const wrong of [{ caCerts, serverName: "other.test" }, { serverName: "localhost" }]) {
    const error = await assertRejects(
      () => connectTo(world, listener, { tls: wrong }),
      StreamError,
    );
    assertEquals(error.code, "tls");
  }
  while (listener.stats().acceptErrors < 2) await passTime(world, 1);
  const client = await connectTo(world, listener, { tls: { caCerts } });
  client.stream.end();
  await client.told.closed();
  assertEquals(listener.stats().accepted, 1);
}, options);

eachPoller("ListenTls lets no silent client hold up others", async (world) => {
  const listener = await listenWith(world, () => {}, { tls });
  const silent = await connectTo(world, listener);
  const speaking = await connectTo(world, listener, { tls: { caCerts } });
  speaking.stream.end();
  await speaking.told.closed();
  silent.stream.end();
  await silent.told.closed();
}, options);

eachPoller("ListenTls.handshakeTimeoutMs counts clients that never begin", async (world) => {
  const listener = await listenWith(world, () => {}, { tls: { ...tls, handshakeTimeoutMs: 20 } });
  const silent = await connectTo(world, listener);
  while (listener.stats().acceptErrors === 0) await passTime(world, 1);
  silent.stream.end();
  await silent.told.closed();
  assertEquals(listener.stats(), { accepted: 0, connections: 0, acceptPauses: 0, acceptErrors: 1 });
}, options);

eachPoller("ListenTls drops clients that don't speak TLS", async (world) => {
  const listener = await listenWith(world, () => {}, { tls });
  const client = await connectTo(world, listener);
  client.stream.write(bytesOf("GET / HTTP/1.1\r\n\r\n"));
  await client.told.closed();
  assertEquals(listener.stats(), { accepted: 0, connections: 0, acceptPauses: 0, acceptErrors: 1 });
}, options);

eachPoller("ConnectOptions.connectTimeoutMs includes the handshake", async (world) => {
  const listener = await listenWith(world, () => {}, { recorder: { halfOpen: true } });
  const connecting = connectTo(world, listener, { tls: { caCerts }, connectTimeoutMs: 50 });
  assertEquals((await assertRejects(() => connecting, StreamError)).code, "timeout");
  const controller = new AbortController();
  const other = connectTo(world, listener, { tls: { caCerts }, signal: controller.signal });
  await passTime(world, 5);
  controller.abort(new RangeError("Enough"));
  await assertRejects(() => other, RangeError, "Enough");
}, options);

eachPoller("StreamSocket.terminate() over TLS is noticed by the peer", async (world) => {
  const { server, client } = await connectPair(world, {
    listen: { tls },
    connect: { tls: { caCerts } },
  });
  client.stream.terminate();
  assertEquals(await client.told.closed(), null);
  assert((await server.told.closed()) !== undefined);
}, options);
