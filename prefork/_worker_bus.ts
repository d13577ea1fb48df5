import type { Bus, BusHandler } from "./bus.ts";
import { FrameKind } from "./_frame.ts";
import { decodePublication, encodePublication } from "./_publication.ts";
import { TopicTable } from "./_topic_table.ts";
import type { WorkerLink } from "./_worker_link.ts";

/** A worker's end of the bus; without a supervisor there is nobody else on it. */
export class WorkerBus implements Bus {
  readonly #link: WorkerLink | null;
  readonly #id: number;
  readonly #topics: TopicTable;

  constructor(link: WorkerLink | null) {
    this.#link = link;
    this.#id = link?.config.id ?? 0;
    this.#topics = new TopicTable(
      (topic) => link?.tell({ type: "subscribe", topic }),
      (topic) => link?.tell({ type: "unsubscribe", topic }),
    );
    link?.listen({
      onPublish: (payload) => {
        const message = decodePublication(payload);
        if (message !== null) this.#topics.deliver(message);
      },
    });
  }

  publish(topic: string, data: string | Uint8Array): boolean {
    const payload = encodePublication(topic, { from: this.#id, data });
    return this.#link?.send(FrameKind.publish, payload) ?? true;
  }

  subscribe(topic: string, handler: BusHandler): Disposable {
    return this.#topics.add(topic, handler);
  }
}
