import { type Libc, type LibcCalls, loadLibc } from "../../../loop/epoll/libc.ts";

type Call = (...values: unknown[]) => unknown;

/** A C library some of whose calls fail, and that counts its calls and keeps their last results. */
export class FaultyLibc implements Libc {
  readonly calls: LibcCalls;
  readonly errno: Int32Array<ArrayBuffer> = new Int32Array(1);
  readonly counts: Map<string, number> = new Map();
  readonly #results = new Map<string, unknown>();
  readonly #faults = new Map<string, (number | ((values: unknown[]) => void))[]>();

  constructor() {
    const { calls, errno } = loadLibc();
    const entries = Object.entries(calls as unknown as Record<string, Call | null>);
    const wrapped = entries.map(([name, call]) => [
      name,
      call && ((...values: unknown[]) => {
        this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
        const fault = this.#faults.get(name)?.shift();
        if (typeof fault === "number" && fault > 0) {
          this.errno[0] = fault;
          return -1;
        }
        if (typeof fault === "function") fault(values);
        const result = call(...values);
        this.errno[0] = errno[0];
        if (Number(result) >= 0) this.#results.set(name, result);
        return result;
      }),
    ]);
    this.calls = Object.fromEntries(wrapped);
  }

  /**
   * Has the next calls of a function fail, one after the other.
   *
   * @param name The function.
   * @param faults An error number each, 0 for no fault, or a function that changes the arguments.
   */
  fail(name: keyof LibcCalls, ...faults: (number | ((values: unknown[]) => void))[]): void {
    this.#faults.set(name, [...this.#faults.get(name) ?? [], ...faults]);
  }

  /** Has nothing fail any more. */
  heal(): void {
    this.#faults.clear();
  }

  /** How often a function was called. */
  count(name: keyof LibcCalls): number {
    return this.counts.get(name) ?? 0;
  }

  /** What the last call of a function has answered that succeeded, such as a descriptor. */
  last(name: keyof LibcCalls): number {
    return this.#results.get(name) as number;
  }
}
