import type { EventLoop } from "../../loop/mod.ts";
import type { ModstampSource } from "../source.ts";
import { StoreError } from "../store.ts";
import { nextValue } from "../value_strategy.ts";
import type { ChangeRequest } from "./change_request.ts";
import type { GatewayStats } from "./gateway_stats.ts";
import { RequestError } from "./request_error.ts";

/** What changing needs. */
export interface ChangerOptions {
  readonly source: ModstampSource;
  readonly loop: EventLoop;
  readonly stats: GatewayStats;
  /** Most changes under way. */
  readonly maxChanges: number;
  /** Told why a change could not be stored. */
  readonly onError: (error: unknown) => void;
}

const RETRY_SECONDS = "5";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Changes values for those who ask by HTTP. */
export class Changer {
  readonly #options: ChangerOptions;
  /** What ids are about to be, so that two counters don't count the same. */
  readonly #coming = new Map<string, Uint8Array>();
  #underWay = 0;
  #lastFailure: unknown = null;

  /**
   * @param options See {@linkcode ChangerOptions}.
   */
  constructor(options: ChangerOptions) {
    this.#options = options;
  }

  /**
   * Changes a value.
   *
   * @returns The value, once it is durable.
   * @throws {RequestError} When it is too long, or could not be stored.
   */
  async change(id: string, request: ChangeRequest): Promise<Uint8Array> {
    const { source, stats, maxChanges } = this.#options;
    if (this.#underWay >= maxChanges) throw refusal(id, "too many changes are under way");
    const value = request.value ?? this.#make(id, request.strategy);
    this.#coming.set(id, value);
    this.#underWay++;
    try {
      await source.change(new Map([[id, value]]));
    } catch (error) {
      throw this.#explain(id, error);
    } finally {
      this.#underWay--;
      if (this.#coming.get(id) === value) this.#coming.delete(id);
    }
    stats.changes++;
    return value;
  }

  #make(id: string, strategy: ChangeRequest["strategy"] & string): Uint8Array {
    const { source, loop } = this.#options;
    const current = this.#coming.get(id) ?? source.value(id);
    return encoder.encode(nextValue(strategy, decoder.decode(current), loop));
  }

  #explain(id: string, error: unknown): unknown {
    if (error instanceof RangeError) {
      return new RequestError(error.message, { status: 400, cause: error });
    }
    if (!(error instanceof StoreError)) return error;
    this.#options.stats.failedChanges++;
    // Those that were to be stored together fail together.
    if (error !== this.#lastFailure) this.#options.onError(error);
    this.#lastFailure = error;
    // What exactly is wrong is for the log, not for the network.
    return refusal(id, "the store has failed", error);
  }
}

function refusal(id: string, reason: string, cause?: unknown): RequestError {
  return new RequestError(`Cannot change modstamp ${id} as ${reason}`, {
    status: 503,
    headers: { "retry-after": RETRY_SECONDS },
    cause,
  });
}
