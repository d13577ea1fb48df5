/** Who owns the jobs of a database: the only one that gives them out. */
export interface StoreOwner {
  /** Tells one run of a store from another. */
  readonly instance: string;
  /** The process, as its system numbers it. */
  readonly pid: number;
  /** When the process started, as its system tells it; empty when it doesn't. */
  readonly processStart: string;
  /** The name of the machine. */
  readonly host: string;
  /** Since when, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** When it last showed that it lives, likewise. */
  readonly seenAt: number;
}
