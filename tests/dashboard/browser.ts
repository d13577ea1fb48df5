import type { Dashboard } from "../../dashboard/mod.ts";

/** What asks a dashboard as a browser does, with its cookies. */
export class TestBrowser {
  readonly #dashboard: Pick<Dashboard, "fetch">;
  #cookie = "";

  constructor(dashboard: Pick<Dashboard, "fetch">) {
    this.#dashboard = dashboard;
  }

  /** The cookie as a request shows it. */
  get cookie(): string {
    return this.#cookie;
  }

  /** Loads a page. */
  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return await this.#ask(path, { headers });
  }

  /** Sends a form. */
  async post(
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return await this.#ask(path, { method: "POST", body: new URLSearchParams(fields), headers });
  }

  /** Shows the token. */
  async logIn(token: string): Promise<Response> {
    const response = await this.post("/dashboard/login", { token });
    this.#cookie = response.headers.get("set-cookie")?.split(";")[0] ?? this.#cookie;
    return response;
  }

  /** What the forms of a page send along. */
  async csrf(path: string): Promise<string> {
    const text = await (await this.get(path)).text();
    return /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? "";
  }

  async #ask(path: string, init: RequestInit & { headers: Record<string, string> }) {
    const headers = { ...(this.#cookie && { cookie: this.#cookie }), ...init.headers };
    return await this.#dashboard.fetch(
      new Request(`http://localhost${path}`, { ...init, headers }),
    );
  }
}
