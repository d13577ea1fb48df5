import type { RequestOptions } from "./client_options.ts";
import { UnconfirmedError } from "./request_errors.ts";
import type { ModstampClient, ModstampValue } from "./modstamp_client.ts";
import { countOf, nextValue } from "./value_strategy.ts";
import { EventLoop } from "../loop/mod.ts";

/** Options of {@linkcode ClientSet}. */
export interface ClientSetOptions {
  /**
   * The loop whose clock and random source make values.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

/**
 * Changes values on several servers at once. Only what all of them have
 * confirmed counts as confirmed.
 *
 * @example Two servers
 * ```ts
 * import { ClientSet, ModstampClient, ModstampServer } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * const hostname = "127.0.0.1";
 * await using one = await ModstampServer.listen({ hostname, port: 0 });
 * await using two = await ModstampServer.listen({ hostname, port: 0 });
 * await using set = new ClientSet(
 *   [one, two].map(({ address: { port } }) => new ModstampClient({ hostname, port })),
 * );
 * await set.send({ test: "abc" });
 * assertEquals(one.value("test"), two.value("test"));
 * ```
 */
export class ClientSet implements AsyncDisposable {
  readonly #clients: readonly ModstampClient[];
  readonly #loop: EventLoop;

  /**
   * Makes a client set.
   *
   * @param clients One client a server; closed with the set.
   * @param options See {@linkcode ClientSetOptions}.
   * @throws {RangeError} When there are no clients.
   */
  constructor(clients: readonly ModstampClient[], options: ClientSetOptions = {}) {
    if (clients.length === 0) {
      throw new RangeError("Cannot make client set as it needs at least one client");
    }
    this.#clients = clients;
    this.#loop = options.loop ?? EventLoop.default();
  }

  /**
   * Changes values on all servers.
   *
   * @param values The new values by id; `null` for one made by the strategy, the
   *   same on all servers. A counter follows the highest of their current values.
   * @param options Timeout, signal and strategy.
   * @returns The values by id, confirmed by all.
   * @throws {UnconfirmedError} When not every server confirmed everything in time.
   */
  async send(
    values: Readonly<Record<string, ModstampValue>>,
    options: RequestOptions = {},
  ): Promise<Map<string, string>> {
    const complete = await this.#complete(values, options);
    const outcomes = await Promise.allSettled(
      this.#clients.map((client) => client.send(complete, options)),
    );
    const confirmed = outcomes.map((outcome) => {
      if (outcome.status === "fulfilled") return outcome.value;
      if (outcome.reason instanceof UnconfirmedError) return outcome.reason.confirmed;
      throw outcome.reason;
    });
    const [first] = confirmed;
    const byAll = new Map([...first].filter(([id]) => confirmed.every((map) => map.has(id))));
    const unconfirmed = Object.keys(complete).filter((id) => !byAll.has(id));
    if (unconfirmed.length > 0) {
      const silent = this.#clients.filter((_, i) =>
        unconfirmed.some((id) => !confirmed[i].has(id))
      );
      const servers = silent.map(({ server }) => server).join(", ");
      throw new UnconfirmedError(servers, { confirmed: byAll, unconfirmed });
    }
    return byAll;
  }

  /** Closes all clients. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client[Symbol.asyncDispose]()));
  }

  async #complete(
    values: Readonly<Record<string, ModstampValue>>,
    options: RequestOptions,
  ): Promise<Record<string, ModstampValue>> {
    const { strategy = "random" } = options;
    const unnamed = Object.keys(values).filter((id) => values[id] === null);
    const current = new Map<string, string>();
    if (strategy === "counter" && unnamed.length > 0) {
      for (const found of await Promise.all(this.#clients.map((c) => c.get(unnamed, options)))) {
        for (const [id, value] of found) {
          if (countOf(value) > countOf(current.get(id) ?? "")) current.set(id, value);
        }
      }
    }
    const made = unnamed.map((id) => [id, nextValue(strategy, current.get(id) ?? "", this.#loop)]);
    return { ...values, ...Object.fromEntries(made) };
  }
}
