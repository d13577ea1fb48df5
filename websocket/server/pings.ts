import { ConnectionClosedError } from "../connection.ts";

/** Most pings of one connection that wait for their pong. */
const MAX_PENDING = 64;
const PAYLOAD_BYTES = 8;

interface Pending {
  readonly number: number;
  readonly sentAt: number;
  readonly resolve: (roundTripMs: number) => void;
  readonly reject: (reason: unknown) => void;
}

/** The pings of one connection, each of which bears a number, and who waits for their pongs. */
export class Pings {
  #pending: Pending[] = [];
  #number = 0;

  /**
   * Makes the payload of a ping, for whose pong somebody waits.
   *
   * @throws {RangeError} When too many pongs are waited for.
   */
  add(waiter: Omit<Pending, "number">): Uint8Array<ArrayBuffer> {
    if (this.#pending.length === MAX_PENDING) {
      throw new RangeError(`Cannot ping as ${MAX_PENDING} pongs are waited for`);
    }
    const number = ++this.#number;
    this.#pending.push({ number, ...waiter });
    const payload = new Uint8Array(PAYLOAD_BYTES);
    new DataView(payload.buffer).setUint32(4, number);
    return payload;
  }

  /**
   * Takes a pong: it answers the ping it repeats, and all before (RFC 6455, 5.5.3).
   *
   * @returns The round trip in milliseconds, or `null` when nobody waited for it.
   */
  pong(payload: Uint8Array, now: number): number | null {
    if (payload.length !== PAYLOAD_BYTES) return null;
    const number = new DataView(payload.buffer, payload.byteOffset).getUint32(4);
    const last = this.#pending.findIndex((each) => each.number === number);
    if (last < 0) return null;
    const answered = this.#pending.splice(0, last + 1);
    const roundTripMs = now - answered[last].sentAt;
    for (const each of answered) each.resolve(now - each.sentAt);
    return roundTripMs;
  }

  /** Nobody waits for this one any more. */
  forget(resolve: Pending["resolve"]): void {
    this.#pending = this.#pending.filter((each) => each.resolve !== resolve);
  }

  /** Tells all who wait that the connection is gone. */
  close(code: number): void {
    const error = new ConnectionClosedError("Cannot ping as the connection was closed", { code });
    for (const each of this.#pending.splice(0)) each.reject(error);
  }
}
