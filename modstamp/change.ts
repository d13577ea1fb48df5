/** A modstamp has changed. */
export interface Change {
  /** Which one. */
  id: string;
  /** Its value as UTF-8 text, empty when it was deleted. */
  value: string;
  /** Its value as it is. */
  bytes: Uint8Array;
}

/** Options of {@linkcode ChangeFeed}. */
export interface ChangeFeedOptions {
  /** Ends the feed with its reason. */
  signal?: AbortSignal;
  /** Called once when nobody reads any more; by the constructor already when `signal` is aborted. */
  onEnd: () => void;
}

/**
 * Changes waiting for their reader, at most one an id: a newer one takes the
 * place of an older.
 */
export class ChangeFeed implements AsyncIterableIterator<Change>, AsyncDisposable {
  readonly #options: ChangeFeedOptions;
  readonly #waiting = new Map<string, Change>();
  #news: PromiseWithResolvers<void> | null = null;
  #failure: { error: unknown } | null = null;
  #ended = false;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    if (options.signal?.aborted) this.#abort();
    else options.signal?.addEventListener("abort", this.#abort);
  }

  /** Adds a change. */
  push(change: Change): void {
    if (this.#ended) return;
    this.#waiting.delete(change.id);
    this.#waiting.set(change.id, change);
    this.#wake();
  }

  /** Ends the feed with an error, after the changes that wait. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  /** Ends the feed, after the changes that wait. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#options.onEnd();
    this.#wake();
  }

  /** The next change. */
  async next(): Promise<IteratorResult<Change>> {
    for (;;) {
      const first = this.#waiting.values().next();
      if (!first.done) {
        this.#waiting.delete(first.value.id);
        return { done: false, value: first.value };
      }
      if (this.#failure !== null) {
        const { error } = this.#failure;
        this.#failure = null;
        throw error;
      }
      if (this.#ended) return { done: true, value: undefined };
      this.#news ??= Promise.withResolvers();
      await this.#news.promise;
    }
  }

  /** Ends the feed. */
  return(): Promise<IteratorResult<Change>> {
    this.#waiting.clear();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The feed itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the feed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #abort = (): void => this.fail(this.#options.signal!.reason);

  #wake(): void {
    this.#news?.resolve();
    this.#news = null;
  }
}
