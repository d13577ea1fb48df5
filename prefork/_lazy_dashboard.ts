import type { SupervisorDashboard, SupervisorDashboardOptions } from "./dashboard/mod.ts";

/** The dashboard of the control endpoint, loaded when somebody first looks: it costs memory. */
export class LazyDashboard implements Disposable {
  readonly #options: SupervisorDashboardOptions;
  #dashboard: Promise<SupervisorDashboard> | null = null;
  #isOver = false;

  /**
   * @param options Those of the dashboard.
   */
  constructor(options: SupervisorDashboardOptions) {
    this.#options = options;
  }

  /** Whether a request is for the dashboard. */
  serves(request: Request): boolean {
    return /^\/dashboard(\/|$)/.test(new URL(request.url).pathname);
  }

  /** Answers a request. */
  async fetch(request: Request): Promise<Response> {
    const dashboard = await (this.#dashboard ??= this.#load());
    return await dashboard.fetch(request);
  }

  /** Ends its live streams, so that the endpoint can close. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    void this.#dashboard?.then((dashboard) => dashboard[Symbol.dispose]());
  }

  async #load(): Promise<SupervisorDashboard> {
    const { SupervisorDashboard } = await import("./dashboard/mod.ts");
    const dashboard = new SupervisorDashboard(this.#options);
    if (this.#isOver) dashboard[Symbol.dispose]();
    return dashboard;
  }
}
