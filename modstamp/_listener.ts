import type { EventLoop, Handle } from "../loop/mod.ts";
import { backoffMs } from "./_backoff.ts";
import type { Channel } from "./_channel.ts";
import { EMPTY, sameBytes } from "./_value_table.ts";
import type { Message } from "./message.ts";

/** The longest wait between two tries. */
const MAX_RESEND_MS = 10_000;
/** Tries without an answer after which the network may have changed. */
const RENEW_ATTEMPTS = 5;
/** Queries due within this time go together. */
const TOGETHER_MS = 2000;

/** Options of {@linkcode Listener}. */
export interface ListenerOptions {
  /** The loop. */
  loop: EventLoop;
  /** The way to the server. */
  channel: Channel;
  /** The ids and their known values; `null` for not known. */
  known: ReadonlyMap<string, Uint8Array | null>;
  /** The shortest and the longest time between two queries of an id. */
  queryMs: readonly [least: number, most: number];
  /** The time without a word after which the server counts as silent. */
  silenceMs: number;
  /** Called with a value that is not the known one. */
  onChange: (id: string, value: Uint8Array) => void;
  /** Called when the server has been silent for `silenceMs`, and every `silenceMs` again. */
  onSilence: (silentMs: number) => void;
}

interface Watch {
  known: Uint8Array | null;
  dueAt: number;
  attempt: number;
}

/** Keeps subscriptions alive and tells what changes. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #watches = new Map<string, Watch>();
  #timer: Handle | null = null;
  #heardAt: number;
  #reportedAt: number;
  #closed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const now = options.loop.now();
    for (const [id, known] of options.known) {
      this.#watches.set(id, { known, dueAt: now, attempt: 0 });
    }
    this.#heardAt = this.#reportedAt = now;
    this.#query();
  }

  /** Takes a message of the server. */
  receive({ kind, id, value }: Message): void {
    const watch = this.#watches.get(id);
    if (watch === undefined || (kind !== "reply" && kind !== "signal")) return;
    const { loop, queryMs: [least, most], onChange } = this.#options;
    this.#heardAt = this.#reportedAt = loop.now();
    if (kind === "reply") {
      watch.attempt = 0;
      watch.dueAt = loop.now() + least + loop.random.next() * (most - least);
    }
    const before = watch.known;
    watch.known = value;
    // What is not known yet only becomes known, unless it changes from now on.
    if (before === null ? kind === "signal" : !sameBytes(before, value)) onChange(id, value);
  }

  /** Ends it. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #query(): void {
    if (this.#closed) return;
    const { loop, channel } = this.#options;
    const now = loop.now();
    const due: Message[] = [];
    let attempt = 0;
    for (const [id, watch] of this.#watches) {
      if (watch.dueAt > now + (watch.attempt === 0 ? TOGETHER_MS : 0)) continue;
      attempt = Math.max(attempt, watch.attempt);
      due.push({ kind: "query", id, value: EMPTY });
      watch.dueAt = now +
        backoffMs(watch.attempt++, { mostMs: MAX_RESEND_MS, random: loop.random });
    }
    if (attempt > 0) this.#suspect(attempt);
    channel.send(due);
    let nextAt = Infinity;
    for (const { dueAt } of this.#watches.values()) nextAt = Math.min(nextAt, dueAt);
    this.#timer = loop.callAt(nextAt, () => this.#query());
  }

  #suspect(attempt: number): void {
    const { loop, channel, silenceMs, onSilence } = this.#options;
    channel.rotate();
    if (attempt % RENEW_ATTEMPTS === 0) {
      // A host that can't be resolved or reached now may be later.
      channel.renew().catch(() => undefined);
    }
    if (loop.now() - this.#reportedAt < silenceMs) return;
    this.#reportedAt = loop.now();
    onSilence(loop.now() - this.#heardAt);
  }
}
