import { admissionOf, rulesOf } from "./admission.ts";
import type { Gate } from "./gate.ts";
import { Code, type Message } from "./message_code.ts";
import { type CancelMode, PendingCall } from "./pending_call.ts";
import { isPolicy } from "./registration.ts";
import type { Realm, Router } from "./router.ts";
import type { WampAction } from "./server_options.ts";
import { isMatch, isUri, type Match } from "./uri.ts";
import { payload, type V2Peer } from "./v2_peer.ts";
import { ErrorUri, type Keywords, WampError } from "./wamp_error.ts";
import type { Publication } from "./subscription.ts";

type Options = Readonly<Record<string, unknown>>;
type Work = void | Promise<void>;

/** What is to be answered. */
interface Request {
  readonly code: number;
  readonly id: number;
  /** Whether no answer is wanted. */
  readonly isSilent?: boolean;
  /** Whether the answer is sent, or somebody else will send it. */
  isAnswered?: boolean;
}

/** What {@linkcode V2Requests} works with. */
export interface V2RequestsOptions {
  /** What the sessions share. */
  readonly router: Router;
  /** The realm that was joined. */
  readonly realm: Realm;
  /** Keeps the messages of the client in order. */
  readonly gate: Gate;
}

/** What a client of WAMP v2 may ask for once it has joined. Messages are checked before. */
export class V2Requests {
  readonly #peer: V2Peer;
  readonly #router: Router;
  readonly #realm: Realm;
  readonly #gate: Gate;

  /**
   * @param peer The client.
   * @param options See {@linkcode V2RequestsOptions}.
   */
  constructor(peer: V2Peer, options: V2RequestsOptions) {
    this.#peer = peer;
    this.#router = options.router;
    this.#realm = options.realm;
    this.#gate = options.gate;
  }

  /**
   * Does what a message asks for.
   *
   * @returns `false` when it asks for nothing that can be asked for now.
   */
  handle(message: Message): Work | false {
    switch (message[0]) {
      case Code.publish:
        return this.#publish(message);
      case Code.subscribe:
        return this.#subscribe(message);
      case Code.unsubscribe:
        return this.#unsubscribe(message);
      case Code.call:
        return this.#call(message);
      case Code.cancel:
        return this.#cancel(message);
      case Code.register:
        return this.#register(message);
      case Code.unregister:
        return this.#unregister(message);
      case Code.yield:
        return this.#yield(message);
      case Code.error:
        return message[1] === Code.invocation ? this.#fail(message) : false;
      default:
        return false;
    }
  }

  /** Runs what a client is allowed to; a `WampError` is the answer if it is not. */
  #run(request: Request, action: WampAction, run: () => Work): Work {
    const refuse = (error: unknown): void => {
      const isTold = error instanceof WampError;
      if (!request.isAnswered && !request.isSilent) {
        const told = isTold ? error : new WampError(ErrorUri.runtimeError);
        this.#peer.refuse(request.code, request.id, told);
      }
      if (!isTold || request.isAnswered) throw error;
    };
    try {
      const { kind, uri, match } = action;
      const isReserved = (kind === "publish" || kind === "register") && uri.startsWith("wamp.");
      if (!isUri(uri, match) || isReserved) throw new WampError(ErrorUri.invalidUri);
      const verdict = this.#router.authorize(this.#peer.session, action);
      const work = this.#gate.pass(verdict, (isAllowed) => {
        if (!isAllowed) throw new WampError(ErrorUri.notAuthorized);
        return run();
      });
      return work?.catch(refuse);
    } catch (error) {
      return refuse(error);
    }
  }

  #publish(message: Message): Work {
    const [code, id, options, topic, args = [], kwargs = null] = message as [
      number,
      number,
      Options,
      string,
      unknown[]?,
      (Keywords | null)?,
    ];
    const { session } = this.#peer;
    const isSilent = options.acknowledge !== true;
    const action = { kind: "publish", uri: topic, match: "exact" } as const;
    return this.#run({ code, id, isSilent }, action, () => {
      const admits = admissionOf(session, options);
      if (admits === null) throw new WampError(ErrorUri.invalidArgument);
      const publisher = options.disclose_me === true ? session : null;
      const publication: Publication = {
        id: this.#router.randomId(),
        topic,
        args,
        kwargs,
        publisher,
        admits,
        rules: rulesOf(options),
      };
      const work = this.#router.publish(this.#realm, publication, session);
      const acknowledge = (): void => {
        if (!isSilent) this.#peer.send([Code.published, id, publication.id]);
      };
      return work === undefined ? acknowledge() : work.then(acknowledge);
    });
  }

  #subscribe(message: Message): Work {
    const [code, id, options, uri] = message as [number, number, Options, string];
    const match = matchOf(options);
    const request: Request = { code, id };
    return this.#run(request, { kind: "subscribe", uri, match }, () => {
      const isNew = !this.#realm.broker.subscribers(uri, match).has(this.#peer);
      const subscription = this.#realm.broker.subscribe(this.#peer, uri, match);
      this.#peer.send([Code.subscribed, id, subscription.id]);
      request.isAnswered = true;
      if (!isNew) return;
      const topic = this.#router.topic(this.#realm, uri, match);
      return this.#router.subscribed(this.#peer.session, topic);
    });
  }

  #unsubscribe(message: Message): Work {
    const [code, id, subscriptionId] = message as [number, number, number];
    const { broker } = this.#realm;
    const subscription = broker.find(this.#peer, subscriptionId);
    if (subscription === null) {
      return this.#peer.refuse(code, id, new WampError(ErrorUri.noSuchSubscription));
    }
    const { uri, match } = subscription;
    broker.unsubscribe(this.#peer, uri, match);
    this.#peer.send([Code.unsubscribed, id]);
    const topic = this.#router.topic(this.#realm, uri, match);
    return this.#router.unsubscribed(this.#peer.session, topic);
  }

  #call(message: Message): Work {
    const [code, id, options, procedure, args = [], kwargs = null] = message as [
      number,
      number,
      Options,
      string,
      unknown[]?,
      (Keywords | null)?,
    ];
    const { calls, session } = this.#peer;
    const asked: Request = { code, id };
    return this.#run(asked, { kind: "call", uri: procedure, match: "exact" }, () => {
      const { maxPendingCalls } = this.#router.settings;
      if (calls.has(id)) throw new WampError(ErrorUri.invalidArgument);
      if (calls.size >= maxPendingCalls) throw new WampError(ErrorUri.limitExceeded);
      const receiveProgress = options.receive_progress === true;
      const disclose = options.disclose_me === true;
      const timeoutMs = this.#timeoutMs(options.timeout);
      const request = { session, procedure, args, kwargs, receiveProgress, disclose, timeoutMs };
      const pending = new PendingCall(request, {
        progress: (outcome) =>
          this.#peer.send([Code.result, id, { progress: true }, ...payload(outcome)]),
        result: (outcome) => {
          calls.delete(id);
          this.#peer.send([Code.result, id, {}, ...payload(outcome)]);
        },
        error: (error) => {
          calls.delete(id);
          this.#peer.refuse(Code.call, id, error);
        },
      });
      calls.set(id, pending);
      asked.isAnswered = true;
      try {
        return this.#router.call(this.#realm, pending);
      } catch (error) {
        if (!(error instanceof WampError)) throw error;
        pending.reject(error);
      }
    });
  }

  #cancel(message: Message): void {
    const [, id, { mode = "killnowait" }] = message as [number, number, Options];
    const known = mode === "skip" || mode === "kill" ? mode : "killnowait";
    this.#peer.calls.get(id)?.cancel(known satisfies CancelMode, new WampError(ErrorUri.canceled));
  }

  #register(message: Message): Work {
    const [code, id, options, uri] = message as [number, number, Options, string];
    const { invoke: policy = "single" } = options;
    const match = matchOf(options);
    return this.#run({ code, id }, { kind: "register", uri, match }, () => {
      if (!isPolicy(policy)) throw new WampError(ErrorUri.invalidArgument);
      const registration = this.#realm.dealer.register(this.#peer, uri, { match, policy });
      this.#peer.send([Code.registered, id, registration.id]);
    });
  }

  #unregister(message: Message): void {
    const [code, id, registrationId] = message as [number, number, number];
    if (this.#realm.dealer.unregister(this.#peer, registrationId)) {
      return this.#peer.send([Code.unregistered, id]);
    }
    this.#peer.refuse(code, id, new WampError(ErrorUri.noSuchRegistration));
  }

  /** A result of a call that nobody waits for any more is dropped. */
  #yield(message: Message): void {
    const [, id, options, args = [], kwargs = null] = message as [
      number,
      number,
      Options,
      unknown[]?,
      (Keywords | null)?,
    ];
    const pending = this.#peer.invocations.get(id);
    if (options.progress === true) pending?.progress({ args, kwargs });
    else pending?.resolve({ args, kwargs });
  }

  #fail(message: Message): void {
    const [, , id, , uri, args = [], kwargs = null] = message as [
      number,
      number,
      number,
      Options,
      string,
      unknown[]?,
      (Keywords | null)?,
    ];
    const error = new WampError(uri, { args, kwargs: kwargs ?? undefined });
    this.#peer.invocations.get(id)?.reject(error);
  }

  #timeoutMs(asked: unknown): number {
    const { maxCallTimeoutMs } = this.#router.settings;
    const timeoutMs = typeof asked === "number" && asked > 0 ? asked : 0;
    if (maxCallTimeoutMs === 0) return timeoutMs;
    return timeoutMs === 0 ? maxCallTimeoutMs : Math.min(timeoutMs, maxCallTimeoutMs);
  }
}

function matchOf({ match }: Options): Match {
  return isMatch(match) ? match : "exact";
}
