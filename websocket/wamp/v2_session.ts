import type { Handle } from "../../loop/mod.ts";
import type { Connection } from "../connection.ts";
import { CloseCode } from "../protocol/close_code.ts";
import { Gate } from "./gate.ts";
import { checkMessage, Code, type Message } from "./message_code.ts";
import type { Router } from "./router.ts";
import type { Serializer } from "./serializer.ts";
import { abilitiesOf, chooseEntry, type Entry, type Hello, ROLES } from "./v2_join.ts";
import { V2Peer } from "./v2_peer.ts";
import { V2Requests } from "./v2_requests.ts";
import { ErrorUri, WampError } from "./wamp_error.ts";
import { WAMP_SESSION, type WampIdentity, type WampSession } from "./wamp_session.ts";

/** What a {@linkcode V2Session} is made of. */
export interface V2SessionOptions {
  /** What the sessions share. */
  readonly router: Router;
  /** The form of messages. */
  readonly serializer: Serializer;
  /** The client has joined, and was told so. */
  readonly onJoin: () => void | Promise<void>;
}

/** Where a client stands. */
type State =
  | { readonly name: "new" }
  | { readonly name: "challenged"; readonly hello: Hello; readonly authId: string }
  | { readonly name: "joined"; readonly peer: V2Peer; readonly requests: V2Requests }
  | { readonly name: "over" };

/** A client of WAMP v2. */
export class V2Session {
  readonly #connection: Connection;
  readonly #options: V2SessionOptions;
  readonly #gate: Gate;
  readonly #deadline: Handle;
  #state: State = { name: "new" };

  /**
   * @param connection The connection.
   * @param options See {@linkcode V2SessionOptions}.
   */
  constructor(connection: Connection, options: V2SessionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#gate = new Gate(connection);
    const { loop, settings } = options.router;
    this.#deadline = loop.callLater(settings.helloTimeoutMs, () => {
      this.#abort(new WampError(ErrorUri.protocolViolation, { args: ["HELLO took too long"] }));
    });
  }

  /** A message came. */
  receive(data: string | Uint8Array): void | Promise<void> {
    return this.#gate.enter(() => {
      if (this.#state.name === "over") return;
      const message = this.#options.serializer.decode(data);
      const problem = checkMessage(message);
      return problem === null ? this.#handle(message as Message) : this.#violate(problem);
    });
  }

  /**
   * The connection is gone.
   *
   * @returns Whether the client had joined.
   */
  leave(): boolean {
    this.#gate.end();
    this.#deadline.cancel();
    const state = this.#state;
    this.#state = { name: "over" };
    if (state.name !== "joined") return false;
    const { peer } = state;
    const realm = this.#options.router.realm(peer.session.realm)!;
    realm.broker.leave(peer);
    realm.dealer.leave(peer);
    const error = new WampError(ErrorUri.canceled, { args: ["The caller is gone"] });
    for (const call of peer.calls.values()) call.abandon(error);
    return true;
  }

  #handle(message: Message): void | Promise<void> {
    const state = this.#state;
    const [code] = message;
    if (code === Code.abort) return this.#end();
    if (state.name === "new" && code === Code.hello) {
      return this.#hello({ realm: message[1], details: message[2] } as Hello);
    }
    if (state.name === "challenged" && code === Code.authenticate) {
      return this.#authenticate(state, message[1] as string);
    }
    if (state.name === "joined" && code === Code.goodbye) {
      this.#send([Code.goodbye, {}, ErrorUri.goodbyeAndOut]);
      return this.#end();
    }
    const work = state.name === "joined" ? state.requests.handle(message) : false;
    return work === false ? this.#violate(`Message ${code} can't come now`) : work;
  }

  #hello(hello: Hello): void | Promise<void> {
    let entry: Entry;
    try {
      entry = chooseEntry(this.#options.router, this.#connection, hello);
    } catch (error) {
      if (error instanceof WampError) return this.#abort(error);
      throw error;
    }
    if (entry.method !== "ticket") return this.#join(hello, entry);
    this.#state = { name: "challenged", hello, authId: entry.authId };
    this.#send([Code.challenge, "ticket", {}]);
  }

  #authenticate(state: State & { name: "challenged" }, ticket: string): void | Promise<void> {
    const { hello, authId } = state;
    const check = this.#options.router.settings.ticket!;
    const request = { realm: hello.realm, authId, ticket, connection: this.#connection };
    const refuse = (): void => this.#abort(new WampError(ErrorUri.authenticationDenied));
    const identity = Promise.resolve(request).then(check).catch((error) => {
      refuse();
      throw error;
    });
    return this.#gate.pass(identity, (known) => {
      // The time may be over meanwhile, or the connection gone.
      if (this.#state !== state) return;
      return known === null ? refuse() : this.#join(hello, { method: "ticket", identity: known });
    });
  }

  #join(hello: Hello, entry: { method: string; identity: WampIdentity }): void | Promise<void> {
    const { router, serializer, onJoin } = this.#options;
    const { method, identity } = entry;
    this.#deadline.cancel();
    const session: WampSession = {
      id: router.randomId(),
      version: 2,
      realm: hello.realm,
      authId: identity.authId,
      authRole: identity.authRole ?? (method === "anonymous" ? "anonymous" : "user"),
      authMethod: method,
      connection: this.#connection,
    };
    const peer = new V2Peer(session, {
      connection: this.#connection,
      serializer,
      ...abilitiesOf(hello),
    });
    const realm = router.realm(hello.realm)!;
    const requests = new V2Requests(peer, { router, realm, gate: this.#gate });
    this.#state = { name: "joined", peer, requests };
    this.#connection.attributes.set(WAMP_SESSION, session);
    const details = {
      realm: realm.name,
      authid: session.authId,
      authrole: session.authRole,
      authmethod: method,
      authprovider: "static",
      roles: ROLES,
    };
    this.#send([Code.welcome, session.id, details]);
    return onJoin();
  }

  #send(message: Message): void {
    this.#connection.send(this.#options.serializer.encode(message));
  }

  #violate(reason: string): void {
    this.#abort(new WampError(ErrorUri.protocolViolation, { args: [reason] }));
  }

  #abort({ uri, args }: WampError): void {
    const [message] = args;
    this.#send([Code.abort, message === undefined ? {} : { message }, uri]);
    this.#end(uri === ErrorUri.protocolViolation ? CloseCode.protocolError : CloseCode.normal);
  }

  /** What was joined is left when the connection is gone. */
  #end(code: number = CloseCode.normal): void {
    this.#deadline.cancel();
    this.#connection.close(code);
  }
}
