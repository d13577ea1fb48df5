import { assertEquals } from "@std/assert";
import { supervisorMetrics } from "../../../prefork/telemetry/mod.ts";
import { Recorder } from "../../telemetry/recorder.ts";
import { STATUS } from "../status.ts";

Deno.test("supervisorMetrics() tells of workers, and counts requests over restarts", () => {
  const telemetry = new Recorder();
  let status = STATUS;
  telemetry.watch(supervisorMetrics({ status: () => status }));
  const first = telemetry.values();
  assertEquals(first["sluice_prefork_workers ready"], 1);
  assertEquals(first["sluice_prefork_workers retiring"], 0);
  assertEquals(first["sluice_prefork_worker_resident_memory_bytes 1"], 52_428_800);
  assertEquals(first.sluice_prefork_spares, 1);
  assertEquals(first.sluice_prefork_crash_looping, 1);
  assertEquals(first.sluice_prefork_workers_crashed_total, 2);
  assertEquals(first.sluice_prefork_failed_reloads_total, 5);
  assertEquals(first.sluice_prefork_requests_total, 0);
  const [worker] = STATUS.workers;
  const heir = { ...worker, pid: 999, requests: 7 };
  status = { ...STATUS, uptimeMs: STATUS.uptimeMs + 1000, workers: [heir] };
  assertEquals(telemetry.values().sluice_prefork_requests_total, 7);
});
