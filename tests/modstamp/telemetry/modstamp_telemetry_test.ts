import { assertEquals, assertRejects } from "@std/assert";
import { MemoryModstampStore, StoreError } from "../../../modstamp/mod.ts";
import { zeroGatewayStats } from "../../../modstamp/http/gateway_stats.ts";
import { zeroStats } from "../../../modstamp/server_stats.ts";
import { gatewayMetrics, modstampMetrics, observeStore } from "../../../modstamp/telemetry/mod.ts";
import { Recorder } from "../../telemetry/recorder.ts";

const changes = new Map([["prices", new TextEncoder().encode("v2")]]);

Deno.test("observeStore() measures commits that succeed, and traces all", async () => {
  const telemetry = new Recorder();
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs += 250, wallMs: () => 0 };
  await using memory = new MemoryModstampStore();
  const store = observeStore(memory, { telemetry, clock });
  await store.commit(changes);
  assertEquals(telemetry.measures, [["sluice_modstamp_commit_seconds", 0.25, {}]]);
  const ids: string[] = [];
  await store.load((id) => ids.push(id));
  assertEquals(ids, await idsOf(memory));
  memory.commit = () => Promise.reject(new StoreError("No", { store: "memory" }));
  await assertRejects(() => store.commit(changes), StoreError);
  assertEquals(telemetry.measures.length, 1);
  assertEquals(telemetry.spans.map(({ events }) => events), [
    ["run", "end"],
    ["run", "fail No", "end"],
  ]);
});

async function idsOf(store: MemoryModstampStore): Promise<string[]> {
  const ids: string[] = [];
  await store.load((id) => ids.push(id));
  return ids;
}

Deno.test("modstampMetrics() tells all that a server counts", () => {
  const telemetry = new Recorder();
  const stats = { ...zeroStats(), ids: 3, signals: 4 };
  telemetry.watch(
    modstampMetrics({ stats: () => ({ ...stats, refused: { ...stats.refused, forged: 5 } }) }),
  );
  const values = telemetry.values();
  assertEquals(values.sluice_modstamp_ids, 3);
  assertEquals(values.sluice_modstamp_signals_total, 4);
  assertEquals(values["sluice_modstamp_packets_refused_total forged"], 5);
  const told = Object.keys(values).length;
  assertEquals(told, Object.keys(stats).length - 1 + Object.keys(stats.refused).length);
});

Deno.test("gatewayMetrics() tells all that a gateway counts", () => {
  const telemetry = new Recorder();
  const stats = { ...zeroGatewayStats(), streams: 3, events: 4 };
  telemetry.watch(gatewayMetrics({ stats: () => stats }));
  const values = telemetry.values();
  assertEquals(values.sluice_modstamp_http_streams, 3);
  assertEquals(values.sluice_modstamp_http_events_total, 4);
  assertEquals(Object.keys(values).length, Object.keys(stats).length);
});
