import type { Handle } from "../handle.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/**
 * What is carried: `data` is acknowledged, so that its sender finds out when
 * it doesn't arrive; `ack` isn't; a `reset` isn't even sent again, but a
 * `refusal` is, as it answers data that is.
 */
export type ParcelKind = "data" | "ack" | "reset" | "refusal";

interface Parcel {
  readonly kind: ParcelKind;
  /** Its place among those that arrive in order. */
  readonly number: number;
  readonly arrive: () => void;
}

/** Options of {@linkcode StreamPipe}. */
export interface StreamPipeOptions {
  /** The machine at its beginning. */
  from: Machine;
  /** The machine at its end. */
  to: Machine;
  /** What the trace calls its beginning and its end. */
  names: { from: string; to: string };
  /** Called when nothing has been acknowledged for too long. */
  onGiveUp: () => void;
  /** Whether an address translator has lost its mapping, which nothing can heal. */
  severed?: () => boolean;
  /** Called when what is sent meets the missing mapping from inside. */
  onSevered?: () => void;
}

/**
 * One direction of a stream: carries parcels in their order, later when they
 * are lost, and not at all while its end can't be reached.
 */
export class StreamPipe {
  readonly #world: World;
  readonly #options: StreamPipeOptions;
  readonly #retry = (): void => this.#carryStalled();
  #stalled: Parcel[] = [];
  #patience: Handle | null = null;
  readonly #early = new Map<number, Parcel>();
  #latest = 0;
  #sent = 0;
  #arrived = 0;
  #closed = false;

  constructor(world: World, options: StreamPipeOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Sends a parcel on its way; `arrive` is called at the end. */
  carry(kind: ParcelKind, arrive: () => void): void {
    this.#launch({ kind, number: isCut(kind) ? -1 : this.#sent++, arrive });
  }

  /** Carries nothing any more. */
  close(): void {
    this.#closed = true;
    this.#forget();
  }

  #launch(parcel: Parcel): void {
    const { from, to } = this.#options;
    const faults = this.#world.faultsOf(from, to);
    let lateMs = 0;
    for (let wait = faults.retransmitMs; this.#world.chance(faults.loss); wait *= 2) {
      this.#note("retransmitted");
      lateMs += Math.max(wait, 1);
      if (lateMs < faults.giveUpMs) continue;
      // The next acknowledgment says as much as one that is lost for good.
      if (parcel.kind === "ack") break;
      return this.#stall(parcel);
    }
    const at = this.#world.time.now + this.#world.delayOf(faults) + lateMs;
    this.#latest = Math.max(at, this.#latest);
    // A reset ends what was sent before it: it must not overtake that.
    const due = isCut(parcel.kind) ? this.#latest : at;
    this.#world.time.at(due, () => this.#reachEnd(parcel));
  }

  #reachEnd(parcel: Parcel): void {
    const { from, to, severed, onSevered } = this.#options;
    if (this.#closed) return;
    const isSevered = severed?.() ?? false;
    if (isSevered && onSevered !== undefined) return onSevered();
    const isBlocked = isSevered || to.down || this.#world.parted(from, to);
    if (isBlocked) return this.#stall(parcel);
    if (isCut(parcel.kind)) return parcel.arrive();
    this.#early.set(parcel.number, parcel);
    this.#deliver();
  }

  #deliver(): void {
    for (;;) {
      const next = this.#early.get(this.#arrived);
      if (next === undefined) return this.#hope();
      this.#early.delete(this.#arrived++);
      this.#patience?.cancel();
      this.#patience = null;
      next.arrive();
    }
  }

  #stall(parcel: Parcel): void {
    if (parcel.kind === "reset") return;
    this.#note("stalled");
    this.#stalled.push(parcel);
    this.#world.stalled.add(this.#retry);
    this.#hope();
  }

  /** Gives up after a while, unless a parcel arrives before. */
  #hope(): void {
    const { from, to, onGiveUp } = this.#options;
    if (this.#patience !== null || !this.#stalled.some(({ kind }) => kind === "data")) return;
    this.#patience = this.#world.time.after(this.#world.faultsOf(from, to).giveUpMs, () => {
      this.#forget();
      this.#note("abandoned");
      onGiveUp();
    });
  }

  #forget(): void {
    this.#patience?.cancel();
    this.#patience = null;
    this.#stalled = [];
    this.#world.stalled.delete(this.#retry);
  }

  #carryStalled(): void {
    for (const parcel of this.#stalled.splice(0)) this.#launch(parcel);
  }

  #note(what: "retransmitted" | "stalled" | "abandoned"): void {
    this.#world.note(what, this.#options.names);
  }
}

/** Whether a parcel cuts the stream off, and so keeps no order. */
function isCut(kind: ParcelKind): boolean {
  return kind === "reset" || kind === "refusal";
}
