import { findProgram } from "../needs.ts";

/** What the browser's protocol answers. */
type Answer = Record<string, unknown>;

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--remote-debugging-port=0",
];

/** Headless Chromium, driven by its DevTools protocol. */
export class Browser implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #socket: WebSocket;
  readonly #folder: string;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  readonly #drained: Promise<void>;
  #lastId = 0;

  private constructor(
    child: Deno.ChildProcess,
    options: { socket: WebSocket; folder: string; drained: Promise<void> },
  ) {
    this.#child = child;
    this.#socket = options.socket;
    this.#folder = options.folder;
    this.#drained = options.drained;
    this.#socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  /** Starts Chromium. */
  static async start(): Promise<Browser> {
    const path = findProgram("chromium")!;
    const folder = await Deno.makeTempDir({ prefix: "sluice-browser-" });
    const child = new Deno.Command(path, {
      args: [...FLAGS, `--user-data-dir=${folder}`, "about:blank"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const url = Promise.withResolvers<string>();
    const drained = (async () => {
      let text = "";
      for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
        text += part;
        const match = /DevTools listening on (\S+)/.exec(text);
        if (match !== null) url.resolve(match[1]);
      }
      url.reject(new TypeError(`Cannot start ${path} as it says:\n${text}`));
    })();
    const socket = new WebSocket(await url.promise);
    await new Promise((resolve) => socket.onopen = resolve);
    return new Browser(child, { socket, folder, drained });
  }

  /** Opens a page with cookies of its own. */
  async page(url: string): Promise<Page> {
    const { browserContextId } = await this.ask("Target.createBrowserContext", {});
    const target = { url, browserContextId, width: 800, height: 720 };
    const { targetId } = await this.ask("Target.createTarget", target);
    const attached = await this.ask("Target.attachToTarget", { targetId, flatten: true });
    return new Page(this, attached.sessionId as string);
  }

  /** Asks the browser, or one of its pages. */
  ask(method: string, params: object, sessionId?: string): Promise<Answer> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<Answer>();
    this.#waiting.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    await this.ask("Browser.close", {});
    await this.#child.status;
    await this.#drained;
    await closed;
    await Deno.remove(this.#folder, { recursive: true });
  }

  #take(
    { id, result, error }: { id?: number; result?: Answer; error?: { message: string } },
  ): void {
    const answer = id === undefined ? undefined : this.#waiting.get(id);
    if (answer === undefined) return;
    this.#waiting.delete(id!);
    if (error === undefined) answer.resolve(result!);
    else answer.reject(new BrowserError(error.message));
  }
}

/** The browser could not do what it was asked for. */
class BrowserError extends Error {
  override readonly name = "BrowserError";
}

/** A page of a browser. */
export class Page {
  readonly #browser: Browser;
  readonly #sessionId: string;

  constructor(browser: Browser, sessionId: string) {
    this.#browser = browser;
    this.#sessionId = sessionId;
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const answer = await this.#browser.ask("Runtime.evaluate", params, this.#sessionId);
    if ("exceptionDetails" in answer) throw new TypeError(JSON.stringify(answer.exceptionDetails));
    return (answer.result as { value: unknown }).value;
  }

  /** Waits until an expression is true in the page, whichever that is by then. */
  async until(expression: string): Promise<void> {
    for (let isTrue = false; !isTrue;) {
      isTrue = await this.evaluate(`new Promise((resolve) => {
        const look = () => (${expression}) ? resolve(true) : setTimeout(look, 20);
        look();
      })`).then(() => true, (error) => {
        // A page that is left takes its promises with it.
        if (error instanceof BrowserError) return false;
        throw error;
      });
    }
  }

  /** Loads the page again. */
  async reload(): Promise<void> {
    await this.evaluate("void (globalThis.isOld = true)");
    await this.#browser.ask("Page.reload", {}, this.#sessionId);
    await this.#loaded();
  }

  async #loaded(): Promise<void> {
    for (;;) {
      const isNew = await this.evaluate("!globalThis.isOld && document.readyState === 'complete'")
        .catch(() => false);
      if (isNew) return;
    }
  }

  /** Shows the page on a screen of that size, in colours that are light or dark. */
  async show(screen: { width: number; height: number; dark?: boolean }): Promise<void> {
    const { width, height, dark = false } = screen;
    const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 500 };
    await this.#browser.ask("Emulation.setDeviceMetricsOverride", metrics, this.#sessionId);
    const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
    await this.#browser.ask("Emulation.setEmulatedMedia", { features }, this.#sessionId);
  }

  /** Presses a key: `Tab`, `Enter` or a character. */
  async press(key: string): Promise<void> {
    const text = key === "Enter" ? "\r" : key.length === 1 ? key : undefined;
    const codes: Record<string, number> = { Tab: 9, Enter: 13 };
    const code = codes[key] ?? key.toUpperCase().charCodeAt(0);
    const event = { key, text, windowsVirtualKeyCode: code };
    await this.#browser.ask(
      "Input.dispatchKeyEvent",
      { type: "keyDown", ...event },
      this.#sessionId,
    );
    await this.#browser.ask("Input.dispatchKeyEvent", { type: "keyUp", ...event }, this.#sessionId);
  }

  /** Goes to another page. */
  async visit(url: string): Promise<void> {
    await this.evaluate("void (globalThis.isOld = true)");
    await this.#browser.ask("Page.navigate", { url }, this.#sessionId);
    await this.#loaded();
  }

  /** A picture of the page as PNG. */
  async screenshot(): Promise<Uint8Array<ArrayBuffer>> {
    const { data } = await this.#browser.ask("Page.captureScreenshot", {}, this.#sessionId);
    return Uint8Array.fromBase64(data as string);
  }
}
