import { RedisConnection } from "../../../redis/mod.ts";
import { type JobStore, RedisJobStore } from "../../../queue/mod.ts";
import { REDIS, RedisServer } from "../../redis/redis_server.ts";
import { testJobStore } from "./suite.ts";

const servers = new WeakMap<JobStore, RedisServer>();

testJobStore("RedisJobStore", async (loop, limits) => {
  const server = await RedisServer.start();
  // The connection lives in real time, whatever the store's clock says.
  const connection = await RedisConnection.open(server.url, {
    callTimeoutMs: 60_000,
    connectTimeoutMs: 60_000,
  });
  const store = await RedisJobStore.open(connection, { loop, refreshMs: Infinity, ...limits });
  servers.set(store, server);
  return store;
}, {
  ...REDIS,
  settle: async (store) => void await store.peek(0),
  afterwards: async (store) => await servers.get(store)?.[Symbol.asyncDispose](),
});
