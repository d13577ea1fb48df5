import type { EventLoop } from "../../loop/mod.ts";
import { ModstampDashboard, ModstampWatchPage } from "../dashboard/mod.ts";
import type { ModstampServer } from "../modstamp_server.ts";
import type { ModstampSource } from "../source.ts";
import { StoreError } from "../store.ts";
import { ModstampGateway } from "./modstamp_gateway.ts";

/** What the HTTP port of a server is made of. */
export interface PagesOptions {
  /** Where values come from, and go to. */
  readonly source: ModstampSource;
  /** What the dashboard shows; without one there is none. */
  readonly server?: ModstampServer;
  readonly loop: EventLoop;
  /** What lets people change values, and look at the dashboard. */
  readonly token: string | undefined;
  /** Who may change values. */
  readonly writers: "token" | "all";
  /** Sites whose pages may use the gateway. */
  readonly origins: readonly string[] | "*";
  readonly onError: (error: unknown) => void;
}

/** All that a modstamp server offers by HTTP: the gateway, and the pages for people. */
export class Pages implements Disposable {
  /** The gateway. */
  readonly gateway: ModstampGateway;
  /** Where people begin. */
  readonly path: string;
  readonly #all: readonly (ModstampGateway | ModstampDashboard | ModstampWatchPage)[];

  /**
   * @param options See {@linkcode PagesOptions}.
   * @throws {RangeError} When an origin is none.
   */
  constructor(options: PagesOptions) {
    const { source, server, loop, token, writers, origins, onError } = options;
    const common = { loop, onError };
    this.path = server === undefined ? "/watch" : "/dashboard";
    this.gateway = new ModstampGateway({
      loop,
      source,
      token,
      writers,
      origins,
      // A server tells by itself what its store refuses.
      onError: (error) => {
        if (server === undefined || !(error instanceof StoreError)) onError(error);
      },
    });
    this.#all = [
      this.gateway,
      new ModstampWatchPage({ ...common, source }),
      ...(server === undefined ? [] : [new ModstampDashboard({ ...common, server, token })]),
    ];
  }

  /** Whether a request is for one of them. */
  serves(request: Request): boolean {
    return this.#all.some((each) => each.serves(request));
  }

  /** Answers a request for one of them. */
  fetch(request: Request): Promise<Response> {
    const found = this.#all.find((each) => each.serves(request)) ?? this.gateway;
    return found.fetch(request);
  }

  /** Ends all that is followed live. */
  [Symbol.dispose](): void {
    for (const each of this.#all) each[Symbol.dispose]();
  }
}
