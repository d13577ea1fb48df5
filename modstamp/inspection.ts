import type { SubscriptionTable } from "./_subscription_table.ts";
import type { ValueTable } from "./_value_table.ts";

/** Options of {@linkcode ModstampServer.inspect}. */
export interface InspectOptions {
  /**
   * Text that ids must hold.
   *
   * @default {""}
   */
  text?: string;
  /**
   * Where to go on: the `next` of the page before.
   *
   * @default {0}
   */
  from?: number;
  /**
   * Most ids to return.
   *
   * @default {100}
   */
  limit?: number;
}

/** An id that a server knows. */
export interface InspectedId {
  /** The id. */
  readonly id: string;
  /** Its value; empty for none. */
  readonly value: Uint8Array;
  /** How many have subscribed to it; counted to 10,000. */
  readonly subscribers: number;
}

/** What {@linkcode ModstampServer.inspect} has found. */
export interface Inspection {
  /** The ids. */
  readonly ids: readonly InspectedId[];
  /** Where to go on; `null` when these were the last. */
  readonly next: number | null;
}

/** Most ids looked at, so that packets don't wait for long. */
const MAX_LOOKED = 100_000;
const MAX_COUNTED = 10_000;

/** Looks at ids, for people. */
export function inspect(
  tables: { values: ValueTable; subscriptions: SubscriptionTable },
  options: InspectOptions,
): Inspection {
  const { values, subscriptions } = tables;
  const { text = "", from = 0, limit = 100 } = options;
  const ids: InspectedId[] = [];
  const end = Math.min(values.ids.end, from + MAX_LOOKED);
  for (let at = from; at < end; at++) {
    const id = values.ids.name(at);
    if (id === "" || !id.includes(text)) continue;
    if (ids.length === limit) return { ids, next: at };
    const subscribers = subscriptions.countTo(at, MAX_COUNTED);
    ids.push({ id, value: values.get(at).slice(), subscribers });
  }
  return { ids, next: end < values.ids.end ? end : null };
}
