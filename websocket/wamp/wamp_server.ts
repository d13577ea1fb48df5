import { EventLoop } from "../../loop/mod.ts";
import type { Application, CloseInfo } from "../application.ts";
import { Attribute } from "../attribute.ts";
import type { Connection } from "../connection.ts";
import { CloseCode } from "../protocol/close_code.ts";
import { checkWampApplication } from "./check_wamp_application.ts";
import { jsonSerializer } from "./json_serializer.ts";
import { msgpackSerializer } from "./msgpack_serializer.ts";
import { Router } from "./router.ts";
import type { Serializer } from "./serializer.ts";
import { type WampServerOptions, wampSettings } from "./server_options.ts";
import type { Topic } from "./topic.ts";
import type { Match } from "./uri.ts";
import { V1Session } from "./v1_session.ts";
import { V2Session } from "./v2_session.ts";
import type { WampApplication } from "./wamp_application.ts";
import type { WampObserver } from "./wamp_observer.ts";
import type { WampIdentity, WampSession } from "./wamp_session.ts";

const V1 = "wamp";
const SERIALIZERS: readonly Serializer[] = [msgpackSerializer, jsonSerializer];
const SESSION_ID_BYTES = 12;

/** A topic or a pattern that has subscribers. */
export interface WampSubscription {
  /** Its realm. */
  readonly realm: string;
  /** The URI, or the pattern. */
  readonly uri: string;
  /** Which URIs it is about. */
  readonly match: Match;
  /** How many have subscribed. */
  readonly subscribers: number;
}

/** A session, of whichever version. */
interface Speaker {
  receive(data: string | Uint8Array): void | Promise<void>;
  leave(): boolean;
}

/**
 * Speaks WAMP with clients: version 1 as Ratchet does (`wamp`), and version 2
 * (`wamp.2.json`, `wamp.2.msgpack`) with a broker and a dealer. Topics and
 * procedures are the same for both.
 *
 * A client of version 1 that sends a malformed message is closed with 1007; one
 * of version 2 is told by ABORT.
 *
 * @example Answer calls
 * ```ts
 * import { WampServer, WsServer } from "@sluice/sluice/websocket";
 *
 * const wamp = new WampServer({
 *   onCall: (_connection, { args }) => args.reduce((sum: number, each) => sum + Number(each), 0),
 * });
 * new WsServer(wamp);
 * wamp.topic("com.example.news").broadcast("The server is up");
 * ```
 */
export class WampServer implements Application {
  /** The subprotocols, the preferred first. */
  readonly subprotocols: readonly string[] = [
    jsonSerializer.subprotocol,
    msgpackSerializer.subprotocol,
    V1,
  ];
  readonly #application: WampApplication;
  readonly #router: Router;
  readonly #speaker = new Attribute<Speaker>("WAMP");

  /**
   * Wraps an application.
   *
   * @param application The application; `{}` for broker and dealer alone.
   * @param options See {@linkcode WampServerOptions}.
   * @throws {TypeError} When it is no application of WAMP.
   * @throws {RangeError} When an option is out of range.
   */
  constructor(application: WampApplication, options: WampServerOptions = {}) {
    this.#application = checkWampApplication(application, "WampServer");
    this.#router = new Router(application, {
      settings: wampSettings(options),
      loop: options.loop ?? EventLoop.default(),
    });
  }

  /**
   * A topic, to send events from outside any connection.
   *
   * @param uri Its URI.
   * @param options Its realm, if not the first.
   * @throws {RangeError} When there is no such realm.
   */
  topic(uri: string, options: { realm?: string } = {}): Topic {
    const name = options.realm ?? this.#router.settings.realms[0]!;
    const realm = this.#router.realm(name);
    if (realm === undefined) throw new RangeError(`Cannot give topic as there is no realm ${name}`);
    return this.#router.topic(realm, uri);
  }

  /** Has calls observed, by one observer at a time; `null` for by nobody. */
  observe(observer: WampObserver | null): void {
    this.#router.observer = observer;
  }

  /** The topics and patterns that have subscribers, realm by realm. */
  *subscriptions(): IterableIterator<WampSubscription> {
    for (const realm of this.#router.settings.realms) {
      const subscriptions = this.#router.realm(realm)?.broker.subscriptions() ?? [];
      for (const { uri, match, subscribers } of subscriptions) {
        yield { realm, uri, match, subscribers: subscribers.size };
      }
    }
  }

  /** Begins to speak. */
  onOpen(connection: Connection): void | Promise<void> {
    const serializer = SERIALIZERS.find(({ subprotocol }) =>
      subprotocol === connection.subprotocol
    );
    if (serializer !== undefined) {
      const onJoin = (): void | Promise<void> => this.#application.onOpen?.(connection);
      const speaker = new V2Session(connection, { router: this.#router, serializer, onJoin });
      connection.attributes.set(this.#speaker, speaker);
      return;
    }
    if (connection.subprotocol !== V1) {
      return connection.close(CloseCode.policyViolation, "A subprotocol of WAMP is needed");
    }
    return this.#openV1(connection);
  }

  /** Reads what a client says. */
  onMessage(connection: Connection, message: string | Uint8Array): void | Promise<void> {
    return connection.attributes.get(this.#speaker)?.receive(message);
  }

  /** Ends what the client had. */
  onClose(connection: Connection, close: CloseInfo): void | Promise<void> {
    const hadJoined = connection.attributes.get(this.#speaker)?.leave() ?? false;
    if (hadJoined) return this.#application.onClose?.(connection, close);
  }

  /** Passes the failure on; throws it when nobody is there to take it. */
  onError(connection: Connection, error: unknown): void | Promise<void> {
    if (this.#application.onError === undefined) throw error;
    return this.#application.onError(connection, error);
  }

  #openV1(connection: Connection): void | Promise<void> {
    const { anonymous, realms } = this.#router.settings;
    const known = this.#router.identify(connection);
    if (known === null && !anonymous) {
      return connection.close(CloseCode.policyViolation, "Who you are is not known");
    }
    const id = this.#router.loop.random.bytes(SESSION_ID_BYTES).toHex();
    const identity: WampIdentity = known ?? { authId: `anonymous-${id}`, authRole: "anonymous" };
    const session: WampSession = {
      id,
      version: 1,
      realm: realms[0]!,
      authId: identity.authId,
      authRole: identity.authRole ?? "user",
      authMethod: known === null ? "anonymous" : "cookie",
      connection,
    };
    connection.attributes.set(this.#speaker, new V1Session(connection, this.#router, session));
    return this.#application.onOpen?.(connection);
  }
}
