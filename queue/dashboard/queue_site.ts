import {
  formatCount,
  type MenuItem,
  OrderError,
  type OrderResult,
  type Page,
  type Site,
  type View,
} from "../../dashboard/mod.ts";
import type { JobStore } from "../job_store.ts";
import { jobPage } from "./job_page.ts";
import { overviewPage } from "./overview_page.ts";
import { queuePage } from "./queue_page.ts";
import { RateWatch } from "./rate_watch.ts";

const MAX_KICKED = 100_000;

/** The pages of a job store, and what can be ordered there. */
export class QueueSite implements Site {
  readonly name = "Queue";
  readonly menu: readonly MenuItem[] = [{ label: "Queues", path: [] }];
  readonly #store: JobStore;
  readonly #watch: RateWatch;

  /**
   * @param store The store.
   */
  constructor(store: JobStore) {
    this.#store = store;
    this.#watch = new RateWatch(store);
  }

  look(now: number): void {
    this.#watch.look(now);
  }

  async page(path: readonly string[], view: View): Promise<Page | null> {
    const [kind, name, ...rest] = path;
    const parts = { store: this.#store, watch: this.#watch };
    if (kind === undefined) return await overviewPage(view, parts);
    if (rest.length > 0) return null;
    if (kind === "find" && name === undefined) return await this.#job(view, view.query.get("id"));
    if (kind === "jobs") return await this.#job(view, name);
    if (kind !== "queues" || name === undefined) return null;
    return await queuePage(view, { ...parts, tube: name });
  }

  async order(path: readonly string[], form: URLSearchParams): Promise<OrderResult | null> {
    const [kind, name, verb, ...rest] = path;
    if (name === undefined || rest.length > 0) return null;
    if (kind === "jobs") return await this.#onJob(Number(name), verb);
    if (kind !== "queues") return null;
    const page = ["queues", name];
    if (this.#store.tubeStats(name) === null) throw new OrderError("The queue is gone");
    if (verb === "pause") {
      await this.#store.pause(name, Infinity);
      return { path: page, message: "The queue is paused" };
    }
    if (verb === "resume") {
      await this.#store.pause(name, 0);
      return { path: page, message: "The queue goes on" };
    }
    if (verb !== "kick") return null;
    const count = Number(form.get("count"));
    if (!Number.isInteger(count) || count < 1 || count > MAX_KICKED) {
      throw new OrderError(`From 1 to ${formatCount(MAX_KICKED)} jobs can be kicked at once`);
    }
    const kicked = await this.#store.kick(name, count);
    return { path: page, message: `${formatCount(kicked)} jobs are ready again` };
  }

  async #job(view: View, text: string | null | undefined): Promise<Page | null> {
    const id = Number(text);
    return Number.isSafeInteger(id) && id > 0 ? await jobPage(view, this.#store, id) : null;
  }

  async #onJob(id: number, verb: string | undefined): Promise<OrderResult | null> {
    const job = await this.#store.peek(id);
    if (job === null) throw new OrderError("The job is gone");
    if (verb === "kick") {
      if (await this.#store.kickJob(id)) {
        return { path: ["jobs", String(id)], message: "The job is ready again" };
      }
      throw new OrderError("The job is neither buried nor delayed any more");
    }
    if (verb !== "delete") return null;
    if (!await this.#store.delete(id)) throw new OrderError("The job is reserved by a worker");
    const isLeft = this.#store.tubeStats(job.tube) !== null;
    return { path: isLeft ? ["queues", job.tube] : [], message: `Job ${id} is deleted` };
  }
}
