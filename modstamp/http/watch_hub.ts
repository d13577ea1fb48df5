import type { ModstampSource } from "../source.ts";
import { digestValue } from "./resume_token.ts";
import { viewValue } from "./value_view.ts";

/** What is told of an id, made once for all who watch it. */
export interface News {
  /** The digest of the value. */
  readonly digest: string;
  /** Id and value as JSON. */
  readonly json: string;
}

/** Called when the value of an id that is watched is another one. */
export type Watcher = (id: string) => void;

interface Topic {
  readonly watchers: Set<Watcher>;
  news: News | null;
}

/** Who watches which ids. */
export class WatchHub implements Disposable {
  readonly #source: ModstampSource;
  readonly #topics = new Map<string, Topic>();
  readonly #watch: Disposable;

  /**
   * @param source Where values come from.
   */
  constructor(source: ModstampSource) {
    this.#source = source;
    this.#watch = source.watch((id) => this.#change(id));
  }

  /** Has `watcher` called with each of the ids that changes; what is returned ends it. */
  watch(ids: readonly string[], watcher: Watcher): Disposable {
    for (const id of ids) {
      let topic = this.#topics.get(id);
      if (topic === undefined) this.#topics.set(id, topic = { watchers: new Set(), news: null });
      topic.watchers.add(watcher);
    }
    return { [Symbol.dispose]: () => this.#leave(ids, watcher) };
  }

  /** What there is to tell of an id now. */
  news(id: string): News {
    const topic = this.#topics.get(id);
    if (topic?.news) return topic.news;
    const value = this.#source.value(id) ?? new Uint8Array();
    const news = { digest: digestValue(value), json: JSON.stringify(viewValue(id, value)) };
    if (topic !== undefined) topic.news = news;
    return news;
  }

  /** Hears of no more changes. */
  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.#topics.clear();
  }

  #change(id: string): void {
    const topic = this.#topics.get(id);
    if (topic === undefined) return;
    topic.news = null;
    for (const watcher of topic.watchers) watcher(id);
  }

  #leave(ids: readonly string[], watcher: Watcher): void {
    for (const id of ids) {
      const topic = this.#topics.get(id);
      topic?.watchers.delete(watcher);
      if (topic?.watchers.size === 0) this.#topics.delete(id);
    }
  }
}
