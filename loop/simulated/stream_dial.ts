import type { Handle } from "../handle.ts";
import type { StreamAddress } from "../stream.ts";
import { Endpoint } from "./endpoint.ts";
import type { SimulatedListener } from "./listener.ts";
import type { Machine } from "./machine.ts";
import { StreamEnd } from "./stream_end.ts";
import { StreamPipe } from "./stream_pipe.ts";
import type { World } from "./world.ts";

/** After how many milliseconds the first call is repeated; the next ones after twice as long each. */
const FIRST_RETRY_MS = 1000;

/** The way that a stream takes. */
interface Route {
  /** The machine that is called. */
  readonly to: Machine;
  /** The caller, as it sees itself. */
  readonly source: Endpoint;
  /** The caller, as the other side sees it. */
  readonly seen: Endpoint;
  /** The address that is called. */
  readonly target: Endpoint;
}

/**
 * A handshake for a stream: calls an address until it answers, as calls and
 * answers may be lost.
 */
export class StreamDial {
  readonly #world: World;
  readonly #from: Machine;
  readonly #address: StreamAddress;
  readonly #onOutcome: (outcome: StreamEnd | string) => void;
  #retry: Handle | null = null;
  #done = false;
  #end: StreamEnd | null = null;

  /**
   * Begins a handshake.
   *
   * @param from The machine that calls.
   * @param address Whom it calls: an IP address and port, or a path.
   * @param onOutcome Called once with the end of the stream, or the name of an error number.
   */
  constructor(
    from: Machine,
    address: StreamAddress,
    onOutcome: (outcome: StreamEnd | string) => void,
  ) {
    this.#world = from.world;
    this.#from = from;
    this.#address = address;
    this.#onOutcome = onOutcome;
    const route = "path" in address ? this.#localRoute() : this.#findRoute(address);
    if (typeof route === "string") {
      this.#world.time.after(0, () => this.#answer(route));
    } else {
      this.#world.note("connecting", { from: route.source, to: route.target });
      this.#call(route, FIRST_RETRY_MS);
    }
  }

  /** Gives up. */
  cancel(): void {
    this.#done = true;
    this.#retry?.cancel();
    this.#end?.close(true);
  }

  #localRoute(): Route {
    const nowhere = new Endpoint("::1", 0);
    return { to: this.#from, source: nowhere, seen: nowhere, target: nowhere };
  }

  #findRoute(address: { hostname: string; port: number }): Route | string {
    const from = this.#from;
    const target = new Endpoint(address.hostname, address.port);
    const ip = from.source("::", target.ip);
    if (ip === undefined) return "ENETUNREACH";
    const to = from.reach(target.ip);
    if (to === undefined) return "EHOSTUNREACH";
    const source = new Endpoint(ip, from.outgoing.freePort());
    const isInside = from.nat === undefined || to === from || to.nat === from.nat;
    const seen = isInside ? source : from.nat!.openStream(from, source);
    return { to, source, seen, target };
  }

  #call(route: Route, retryMs: number): void {
    const { time } = this.#world;
    this.#retry = time.after(retryMs, () => this.#call(route, retryMs * 2));
    this.#travel(this.#from, route.to, () => this.#arrive(route));
  }

  #travel(from: Machine, to: Machine, arrive: () => void): void {
    const faults = this.#world.faultsOf(from, to);
    if (this.#world.chance(faults.loss)) return;
    this.#world.time.after(this.#world.delayOf(faults), () => {
      if (!to.down && !this.#world.parted(from, to)) arrive();
    });
  }

  #arrive(route: Route): void {
    if (this.#done || this.#end !== null) return;
    const listener = this.#listenerAt(route);
    if (listener === undefined) {
      this.#world.note("refused", { from: route.seen, to: route.target });
      return this.#travel(route.to, this.#from, () => this.#answer("ECONNREFUSED"));
    }
    if (listener.full) {
      this.#world.note("backlogged", { from: route.seen, to: route.target });
      return;
    }
    this.#retry?.cancel();
    this.#world.note("connected", { from: route.seen, to: route.target });
    const { near, far } = this.#join(route, listener);
    this.#end = near;
    listener.queue(far);
    far.greet(() => this.#answer(near));
  }

  #listenerAt({ to, target, seen }: Route): SimulatedListener | undefined {
    if ("path" in this.#address) return to.paths.get(this.#address.path);
    return to.listeners.find(target, seen);
  }

  #answer(outcome: StreamEnd | string): void {
    if (this.#done) return;
    this.#done = true;
    this.#retry?.cancel();
    this.#onOutcome(outcome);
  }

  #join(route: Route, listener: SimulatedListener): { near: StreamEnd; far: StreamEnd } {
    const { to, source, seen, target } = route;
    const from = this.#from;
    const isPath = "path" in this.#address;
    let left = 2;
    const onGone = (): void => {
      if (--left > 0) return;
      there.close();
      back.close();
      from.outgoing.delete(near);
      if (seen !== source) from.nat!.closeStream(seen);
    };
    const near: StreamEnd = new StreamEnd({
      machine: from,
      local: source,
      localAddress: isPath ? { path: "" } : addressOf(source),
      remoteAddress: this.#address,
      onGone,
    });
    const far = new StreamEnd({
      machine: to,
      local: target,
      localAddress: isPath ? listener.localAddress : addressOf(target),
      remoteAddress: isPath ? { path: "" } : addressOf(seen),
      onGone,
    });
    const severed = seen === source ? undefined : () => !from.nat!.keeps(seen);
    const there = new StreamPipe(this.#world, {
      from,
      to,
      names: { from: source.key, to: target.key },
      onGiveUp: () => near.fail("ETIMEDOUT"),
      severed,
      onSevered: () => near.fail("ECONNRESET"),
    });
    const back = new StreamPipe(this.#world, {
      from: to,
      to: from,
      names: { from: target.key, to: seen.key },
      onGiveUp: () => far.fail("ETIMEDOUT"),
      severed,
    });
    near.connect(far, (kind, arrive) => there.carry(kind, arrive));
    far.connect(near, (kind, arrive) => back.carry(kind, arrive));
    from.outgoing.add(near);
    return { near, far };
  }
}

function addressOf({ ip, port }: Endpoint): StreamAddress {
  return { hostname: ip, port };
}
