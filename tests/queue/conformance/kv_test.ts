import { KvJobStore, type KvJobStoreOptions } from "../../../queue/mod.ts";
import { FakeDisk, FakeKv } from "../fake_kv.ts";
import { testJobStore } from "./suite.ts";

// Nothing else goes on while a test lets hours pass.
const QUIET: KvJobStoreOptions = {
  heartbeatMs: 10_000_000,
  ownerTimeoutMs: 30_000_000,
  inboxPollMs: 10_000_000,
};

testJobStore(
  "KvJobStore (Deno KV)",
  (loop, limits) => KvJobStore.open({ path: ":memory:", loop, ...QUIET, ...limits }),
);

testJobStore(
  "KvJobStore (fake)",
  (loop, limits) => KvJobStore.open({ kv: new FakeKv(new FakeDisk()), loop, ...QUIET, ...limits }),
);

// With hardly any memory for jobs, each is read from the database when its turn comes.
testJobStore("KvJobStore (little memory)", (loop, limits) => {
  const kv = new FakeKv(new FakeDisk());
  return KvJobStore.open({ kv, loop, maxLoadedBytes: 2000, ...QUIET, ...limits });
});
