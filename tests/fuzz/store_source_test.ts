import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type ModstampStore, StoreError, StoreSource } from "../../modstamp/mod.ts";
import { changesOf } from "../modstamp/store_conformance.ts";

const numRuns = Math.ceil(Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 3000) / 10);
const SITES = 3;

type Tell = (changes: ReadonlyMap<string, Uint8Array>, version: number) => void;

/** What several stores share. What is told to each of them comes late, but in order. */
class SharedDatabase {
  readonly values = new Map<string, string>();
  readonly #scheduler: fc.Scheduler;
  /** Whether who has made a change is told of it too. */
  readonly #tellsMaker: boolean;
  readonly #news: (() => void)[][] = [];
  readonly #tells: Tell[] = [];
  #version = 0;

  constructor(scheduler: fc.Scheduler, options: { tellsMaker: boolean }) {
    this.#scheduler = scheduler;
    this.#tellsMaker = options.tellsMaker;
  }

  /** A store whose commits end as `fates` says: well, unstored, or stored and not acknowledged. */
  store(fates: () => "ok" | "refused" | "lost"): ModstampStore {
    const at = this.#tells.push(() => undefined) - 1;
    this.#news.push([]);
    return {
      load: () => Promise.resolve(),
      subscribe: (tell) => void (this.#tells[at] = tell),
      commit: async (changes) => {
        const copy = new Map(changes);
        await this.#scheduler.schedule(Promise.resolve(), `store of ${at} gets a commit`);
        const fate = fates();
        if (fate === "refused") throw new StoreError("Refused", { store: "test" });
        // Who gets no answer learns of it with the news.
        const version = this.#apply(copy, this.#tellsMaker || fate === "lost" ? null : at);
        await this.#scheduler.schedule(Promise.resolve(), `store of ${at} answers`);
        if (fate === "lost") throw new StoreError("Lost", { store: "test" });
        return version;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  #apply(changes: ReadonlyMap<string, Uint8Array>, except: number | null): number {
    const version = ++this.#version;
    for (const [id, value] of changes) {
      if (value.length === 0) this.values.delete(id);
      else this.values.set(id, String.fromCharCode(...value));
    }
    for (const [at, news] of this.#news.entries()) {
      if (at === except) continue;
      news.push(() => this.#tells[at]!(changes, version));
      void this.#scheduler.schedule(Promise.resolve(), `news for ${at}`)
        .then(() => news.shift()!());
    }
    return version;
  }
}

const change = fc.record({
  site: fc.nat({ max: SITES - 1 }),
  id: fc.constantFrom("a", "b"),
  value: fc.constantFrom("", "1", "2", "3"),
  fate: fc.constantFrom("ok" as const, "ok" as const, "refused" as const, "lost" as const),
});

const plan = fc.record({
  changes: fc.array(change, { maxLength: 20 }),
  tellsMaker: fc.boolean(),
});

Deno.test("StoreSource: those on one store agree in the end, whatever comes late or fails", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), plan, async (s, { changes, tellsMaker }) => {
      const database = new SharedDatabase(s, { tellsMaker });
      const fates = changes.map(({ fate }) => fate);
      const store = (): ModstampStore => database.store(() => fates.pop() ?? "ok");
      const sources = await Promise.all(
        Array.from({ length: SITES }, () => StoreSource.open(store())),
      );
      const told = sources.map((source) => {
        const values = new Map<string, string>();
        source.watch((id, value) => values.set(id, String.fromCharCode(...value)));
        return values;
      });
      const asked = changes.map(({ site, id, value }) =>
        s.schedule(Promise.resolve(), "a change")
          .then(() => sources[site]!.change(changesOf({ [id]: value })))
          .catch((error) => {
            if (!(error instanceof StoreError)) throw error;
          })
      );
      await s.waitFor(Promise.all(asked));
      await s.waitAll();
      for (const [i, source] of sources.entries()) {
        for (const id of ["a", "b"]) {
          const value = database.values.get(id) ?? "";
          assertEquals(String.fromCharCode(...source.value(id) ?? []), value);
          assertEquals(told[i]!.get(id) ?? "", value);
        }
      }
    }),
    { numRuns },
  );
});
