import type { WorkerStatus } from "./supervisor_status.ts";

/** Counts the requests of all workers, though each new process begins at zero. */
export class RequestMeter {
  #counts = new Map<number, number>();
  #rates = new Map<number, number>();
  #total = 0;
  #lastLook: number | null = null;

  /** All requests since the first look. */
  get total(): number {
    return this.#total;
  }

  /** The requests a second of a process, at the last look. */
  rate(pid: number): number {
    return this.#rates.get(pid) ?? 0;
  }

  /** Looks at the workers, at a time in milliseconds. */
  look(now: number, workers: readonly WorkerStatus[]): void {
    const isFirst = this.#lastLook === null;
    const seconds = (now - (this.#lastLook ?? now)) / 1000;
    const counts = new Map<number, number>();
    this.#rates.clear();
    for (const { pid, requests } of workers) {
      const growth = isFirst ? 0 : Math.max(0, requests - (this.#counts.get(pid) ?? 0));
      this.#total += growth;
      if (seconds > 0) this.#rates.set(pid, growth / seconds);
      counts.set(pid, requests);
    }
    this.#counts = counts;
    this.#lastLook = now;
  }
}
