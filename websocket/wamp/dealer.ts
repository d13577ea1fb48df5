import type { EventLoop } from "../../loop/mod.ts";
import { PatternTable } from "./pattern_table.ts";
import type { PendingCall } from "./pending_call.ts";
import type { Callee, InvocationPolicy, Registration } from "./registration.ts";
import type { Match } from "./uri.ts";
import { ErrorUri, WampError } from "./wamp_error.ts";

/** Options of a {@linkcode Dealer}. */
export interface DealerOptions {
  /** The loop. */
  readonly loop: EventLoop;
  /** Most procedures and patterns of a realm. */
  readonly maxRegistrations: number;
  /** Most procedures and patterns of a session. */
  readonly maxRegistrationsPerSession: number;
  /** Most calls that a callee works on. */
  readonly maxInvocations: number;
}

/** How to register. */
export interface RegisterOptions {
  /** How the URI is compared. */
  readonly match: Match;
  /** Which of several callees a call goes to. */
  readonly policy: InvocationPolicy;
}

/** The procedures of one realm, and who answers. */
export class Dealer {
  readonly #options: DealerOptions;
  readonly #table = new PatternTable<Registration>();
  readonly #byId = new Map<number, Registration>();
  #lastId = 0;

  /** @param options See {@linkcode DealerOptions}. */
  constructor(options: DealerOptions) {
    this.#options = options;
  }

  /**
   * Registers a procedure.
   *
   * @throws {WampError} When somebody else has it, or there are too many.
   */
  register(callee: Callee, uri: string, { match, policy }: RegisterOptions): Registration {
    const known = this.#table.get(uri, match);
    if (known !== undefined) {
      if (known.policy !== policy) throw new WampError(ErrorUri.procedureExistsPolicy);
      if (policy === "single" || known.callees.includes(callee)) {
        throw new WampError(ErrorUri.procedureExists);
      }
    }
    const { maxRegistrations, maxRegistrationsPerSession } = this.#options;
    const isFull = known === undefined && this.#byId.size >= maxRegistrations;
    if (isFull || callee.registrations.size >= maxRegistrationsPerSession) {
      throw new WampError(ErrorUri.limitExceeded, { args: ["There are too many registrations"] });
    }
    const registration = known ?? this.#add(uri, { match, policy });
    registration.callees.push(callee);
    callee.registrations.add(registration);
    return registration;
  }

  /**
   * Ends a registration of somebody.
   *
   * @returns Whether there was one.
   */
  unregister(callee: Callee, id: number): boolean {
    const registration = this.#byId.get(id);
    if (registration === undefined || !callee.registrations.delete(registration)) return false;
    registration.callees.splice(registration.callees.indexOf(callee), 1);
    if (registration.callees.length === 0) {
      this.#byId.delete(id);
      this.#table.delete(registration.uri, registration.match);
    }
    return true;
  }

  /** Ends all registrations of somebody, and the calls it works on. */
  leave(callee: Callee): void {
    for (const { id } of [...callee.registrations]) this.unregister(callee, id);
    for (const pending of [...callee.invocations.values()]) {
      pending.reject(new WampError(ErrorUri.canceled, { args: ["The callee is gone"] }));
    }
  }

  /**
   * Hands a call to somebody who answers it.
   *
   * @param pending The call.
   * @returns Whether somebody has registered the procedure.
   * @throws {WampError} When who would answer has too much to do.
   */
  call(pending: PendingCall): boolean {
    const { procedure, args, kwargs, receiveProgress, disclose, session } = pending.request;
    const [registration] = this.#table.find(procedure);
    if (registration === undefined) return false;
    const callee = this.#choose(registration);
    if (callee.invocations.size >= this.#options.maxInvocations) {
      throw new WampError(ErrorUri.limitExceeded, { args: ["The callee is busy"] });
    }
    const id = callee.nextInvocationId();
    pending.assign(callee, id);
    this.watch(pending);
    const caller = disclose ? session : null;
    callee.invoke({ id, registration, procedure, args, kwargs, receiveProgress, caller });
    return true;
  }

  /** Ends a call when its time is over. */
  watch(pending: PendingCall): void {
    const { timeoutMs } = pending.request;
    if (timeoutMs === 0) return;
    pending.arm(this.#options.loop.callLater(timeoutMs, () => {
      const error = new WampError(ErrorUri.timeout, { args: [`No result in ${timeoutMs} ms`] });
      pending.cancel("killnowait", error);
    }));
  }

  #add(uri: string, options: RegisterOptions): Registration {
    const registration = { id: ++this.#lastId, uri, ...options, callees: [], calls: 0 };
    this.#table.add(uri, options.match, registration);
    this.#byId.set(registration.id, registration);
    return registration;
  }

  #choose(registration: Registration): Callee {
    const { policy, callees } = registration;
    const turn = registration.calls++;
    switch (policy) {
      case "roundrobin":
        return callees[turn % callees.length]!;
      case "random":
        return callees[Math.floor(this.#options.loop.random.next() * callees.length)]!;
      case "last":
        return callees.at(-1)!;
      default:
        return callees[0]!;
    }
  }
}
