import type { CloseInfo } from "../application.ts";
import type { Connection } from "../connection.ts";
import { checkWampApplication } from "./check_wamp_application.ts";
import { PatternTable } from "./pattern_table.ts";
import type { Topic } from "./topic.ts";
import type { WampApplication, WampCall, WampEvent } from "./wamp_application.ts";
import { ErrorUri, WampError } from "./wamp_error.ts";

/**
 * Several applications of WAMP on the same connections, chosen by topic and
 * procedure: each has the URIs that begin with its prefix, of which the longest
 * counts. All of them are told of sessions.
 *
 * @example Two applications
 * ```ts
 * import { WampAggregate, WampServer } from "@sluice/sluice/websocket";
 *
 * new WampServer(
 *   new WampAggregate({
 *     "com.example.chat.": { onPublish: (_connection, _topic, event) => void event.distribute() },
 *     "com.example.math.": { onCall: (_connection, { args }) => Math.max(...args.map(Number)) },
 *   }),
 * );
 * ```
 */
export class WampAggregate implements WampApplication {
  readonly #applications: readonly WampApplication[];
  readonly #byPrefix = new PatternTable<WampApplication>();

  /**
   * Puts applications together.
   *
   * @param routes The applications by prefix; the empty one is for all that is left.
   * @throws {TypeError} When one of them is no application of WAMP.
   */
  constructor(routes: Readonly<Record<string, WampApplication>>) {
    this.#applications = [...new Set(Object.values(routes))];
    for (const [prefix, application] of Object.entries(routes)) {
      checkWampApplication(application, "WampAggregate");
      this.#byPrefix.add(prefix, "prefix", application);
    }
  }

  /** Tells all applications, one after the other. */
  async onOpen(connection: Connection): Promise<void> {
    for (const application of this.#applications) await application.onOpen?.(connection);
  }

  /** Tells all applications, one after the other. */
  async onClose(connection: Connection, close: CloseInfo): Promise<void> {
    for (const application of this.#applications) await application.onClose?.(connection, close);
  }

  /** Tells all applications that want to know; throws it when there is none. */
  async onError(connection: Connection, error: unknown): Promise<void> {
    const interested = this.#applications.filter(({ onError }) => onError !== undefined);
    if (interested.length === 0) throw error;
    for (const application of interested) await application.onError!(connection, error);
  }

  /** Tells the application that has the topic. */
  onSubscribe(connection: Connection, topic: Topic): void | Promise<void> {
    return this.#find(topic.uri)?.onSubscribe?.(connection, topic);
  }

  /** Tells the application that has the topic. */
  onUnsubscribe(connection: Connection, topic: Topic): void | Promise<void> {
    return this.#find(topic.uri)?.onUnsubscribe?.(connection, topic);
  }

  /** Asks the application that has the procedure. */
  onCall(connection: Connection, call: WampCall): unknown {
    const application = this.#find(call.procedure);
    if (application?.onCall === undefined) throw new WampError(ErrorUri.noSuchProcedure);
    return application.onCall(connection, call);
  }

  /** Lets the application that has the topic decide; distributes when it has no say. */
  onPublish(connection: Connection, topic: Topic, event: WampEvent): void | Promise<void> {
    const application = this.#find(topic.uri);
    if (application?.onPublish === undefined) return void event.distribute();
    return application.onPublish(connection, topic, event);
  }

  #find(uri: string): WampApplication | undefined {
    return this.#byPrefix.find(uri)[0];
  }
}
