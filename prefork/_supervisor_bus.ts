import type { Bus, BusHandler } from "./bus.ts";
import { decodePublication, encodePublication, markSender, topicOf } from "./_publication.ts";
import { MAX_TOPICS, TopicTable } from "./_topic_table.ts";

/** Someone on the bus, as the supervisor sees it. */
export interface BusMember {
  /** The number of the worker. */
  readonly id: number;
  /** Gives it a message; `false` when it takes none any more. */
  deliver(payload: Uint8Array): boolean;
}

/** The middle of the bus: passes messages on to the workers that want them. */
export class SupervisorBus implements Bus {
  readonly #members = new Map<string, Set<BusMember>>();
  readonly #topics = new TopicTable(() => {}, () => {});

  publish(topic: string, data: string | Uint8Array): boolean {
    const payload = encodePublication(topic, { from: 0, data });
    return this.#passOn(topic, payload, null);
  }

  subscribe(topic: string, handler: BusHandler): Disposable {
    return this.#topics.add(topic, handler);
  }

  /** A worker published a message; a malformed one is dropped. */
  relay(from: BusMember, payload: Uint8Array<ArrayBuffer>): void {
    const topic = topicOf(payload);
    if (topic === null) return;
    markSender(payload, from.id);
    this.#passOn(topic, payload, from);
    const message = this.#topics.has(topic) ? decodePublication(payload) : null;
    if (message !== null) this.#topics.deliver(message);
  }

  /** A worker wants the messages of a topic. */
  join(topic: string, member: BusMember): void {
    const members = this.#members.get(topic) ?? new Set();
    if (this.#members.size >= MAX_TOPICS && members.size === 0) return;
    this.#members.set(topic, members.add(member));
  }

  /** A worker wants the messages of a topic no longer. */
  leave(topic: string, member: BusMember): void {
    const members = this.#members.get(topic);
    if (members?.delete(member) && members.size === 0) this.#members.delete(topic);
  }

  /** A worker is gone. */
  forget(member: BusMember): void {
    for (const topic of [...this.#members.keys()]) this.leave(topic, member);
  }

  #passOn(topic: string, payload: Uint8Array<ArrayBuffer>, from: BusMember | null): boolean {
    let taken = true;
    for (const member of this.#members.get(topic) ?? []) {
      if (member !== from) taken = member.deliver(payload) && taken;
    }
    return taken;
  }
}
