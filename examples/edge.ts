/**
 * Modstamps, jobs and rooms at the edge, on a Deno KV alone: no UDP, no FFI, no process and no
 * listener of its own. `TOKEN=secret deno serve -A examples/edge.ts`; with `KV_URL` several of them,
 * on whichever machines, are one.
 *
 * @module
 */
import { Hono } from "hono";
import { EventLoop } from "@sluice/sluice/loop";
import { RemoteKvModstampStore, StoreSource } from "@sluice/sluice/modstamp";
import { ModstampWatchPage } from "@sluice/sluice/modstamp/dashboard";
import { ModstampGateway } from "@sluice/sluice/modstamp/http";
import {
  defineJobs,
  inboxHandler,
  JobQueue,
  KvJobInbox,
  KvJobStore,
  StoreBusyError,
} from "@sluice/sluice/queue";
import { QueueDashboard } from "@sluice/sluice/queue/dashboard";
import { type Connection, KvRelay, Rooms, WsServer } from "@sluice/sluice/websocket";

/** How often an isolate looks whether the jobs have lost their owner. */
const OWN_EVERY_MS = 5000;

const token = Deno.env.get("TOKEN");
if (!token) throw new TypeError("Cannot serve as TOKEN is not set: it is what writers must show");
const loop = EventLoop.default();
const kv = await Deno.openKv(Deno.env.get("KV_URL"));

const onError = (error: unknown): void => console.error(String(error));

const source = await StoreSource.open(await RemoteKvModstampStore.open(kv, { onError }));
const gateway = new ModstampGateway({ source, token, onError });
const watch = new ModstampWatchPage({ source, onError });

const jobs = defineJobs({
  /** Changes a modstamp, which all who watch it hear of, wherever they are connected. */
  publish: async ({ id, value }: { id: string; value: string }): Promise<void> =>
    await source.change(new Map([[id, new TextEncoder().encode(value)]])),
});
const post = inboxHandler({ inbox: await KvJobInbox.open({ kv }), token });

/** The jobs, while it is this isolate that owns them and runs them. */
let owned: { store: KvJobStore; dashboard: QueueDashboard } | null = null;
let isTrying = false;

async function own(): Promise<void> {
  if (isTrying || owned?.store.isOwner) return;
  isTrying = true;
  owned?.dashboard[Symbol.dispose]();
  owned = null;
  try {
    const store = await KvJobStore.open({ kv, inboxPollMs: 500, onError });
    new JobQueue(jobs, { store }).work();
    owned = { store, dashboard: new QueueDashboard({ store, token, onError }) };
  } catch (error) {
    if (!(error instanceof StoreBusyError)) onError(error);
  } finally {
    isTrying = false;
  }
}

await own();
loop.every(OWN_EVERY_MS, own);

// `deno serve` would wait for all that goes on by itself. Another isolate gets the jobs at once.
Deno.addSignalListener("SIGTERM", async () => {
  gateway[Symbol.dispose]();
  await owned?.store[Symbol.asyncDispose]();
  Deno.exit(0);
});

/** Says to all in a room, of all isolates, what one of them says. */
const rooms: Rooms = new Rooms({
  onOpen: (connection: Connection) => {
    const room = connection.request.url.pathname.slice("/rooms/".length);
    rooms.join(connection, room);
    connection.send(`You are in ${room}`);
  },
  onMessage: (connection: Connection, message: string | Uint8Array) => {
    for (const room of rooms.of(connection)) {
      rooms.broadcast(room, message, { except: connection });
    }
  },
}, { relay: await KvRelay.open(kv, { onError }) });
const sockets = new WsServer(rooms, { onError });

const app = new Hono<{ Bindings: Deno.ServeHandlerInfo }>();
app.get("/", (c) => c.redirect("/watch"));
app.all("/v1/modstamps/*", (c) => gateway.fetch(c.req.raw));
app.all("/watch/*", (c) => watch.fetch(c.req.raw));
app.post("/jobs", (c) => post(c.req.raw));
app.all("/dashboard/*", (c) => {
  if (owned?.store.isOwner) return owned.dashboard.fetch(c.req.raw);
  return c.text("Another isolate has the jobs", 503, { "retry-after": "5" });
});
app.get("/rooms/:room", (c) => sockets.handler(c.req.raw, c.env));

export default { fetch: app.fetch } satisfies Deno.ServeDefaultExport;
