import { type Clock, SystemClock } from "../../loop/mod.ts";
import { inSpan, intercept, type Telemetry } from "../../telemetry/mod.ts";
import type { ModstampStore } from "../store.ts";

/** Options of {@linkcode observeStore}. */
export interface ObserveStoreOptions {
  /** Where measurements go. */
  telemetry: Telemetry;
  /**
   * What durations are measured by.
   *
   * @default {the machine's clock}
   */
  clock?: Clock;
}

/**
 * Observes a store: each commit is a span, and is measured. Queries never reach a store, so that
 * they cost what they did.
 *
 * @param store The store.
 * @param options See {@linkcode ObserveStoreOptions}.
 * @returns What to give to the server in its place.
 *
 * @example Measure commits
 * ```ts
 * import { MemoryModstampStore } from "@sluice/sluice/modstamp";
 * import { observeStore } from "@sluice/sluice/modstamp/telemetry";
 * import { PrometheusTelemetry } from "@sluice/sluice/telemetry";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const telemetry = await PrometheusTelemetry.open();
 * const store = observeStore(new MemoryModstampStore(), { telemetry });
 * await store.commit(new Map([["prices", new TextEncoder().encode("v2")]]));
 * assertStringIncludes(await telemetry.text(), "sluice_modstamp_commit_seconds_count 1");
 * ```
 */
export function observeStore<Store extends ModstampStore>(
  store: Store,
  { telemetry, clock = new SystemClock() }: ObserveStoreOptions,
): Store {
  const commits = telemetry.histogram({
    name: "sluice_modstamp_commit_seconds",
    help: "Time until a group of changes is durable.",
  });
  const commit: ModstampStore["commit"] = async (changes) => {
    const start = clock.monotonicMs();
    const attributes = { "sluice.modstamp.changes": changes.size };
    const span = telemetry.span("modstamp commit", { attributes });
    const version = await inSpan(span, () => store.commit(changes));
    commits.record((clock.monotonicMs() - start) / 1000);
    return version;
  };
  return intercept<ModstampStore>(store, { commit }) as Store;
}
