import type { EventLoop, Handle } from "../loop/mod.ts";
import { sendUnixDatagram } from "./linux/notify_socket.ts";

/**
 * Tells the service manager (systemd) how the supervisor is doing, where one asks for it:
 * sd_notify(3). Without FFI, systemd's own program does the talking.
 */
export class ServiceManager implements Disposable {
  readonly #path: string | undefined;
  readonly #watchdog: Handle | null;

  /**
   * Makes a service manager.
   *
   * @param loop The loop that the watchdog's timer runs on.
   */
  constructor(loop: EventLoop) {
    this.#path = Deno.env.get("NOTIFY_SOCKET");
    const watchdogMs = Number(Deno.env.get("WATCHDOG_USEC") ?? 0) / 1000;
    this.#watchdog = this.#path !== undefined && watchdogMs > 0
      ? loop.every(watchdogMs / 2, () => this.#send("WATCHDOG=1"))
      : null;
  }

  /** The supervisor serves. */
  ready(status: string): void {
    this.#send(`READY=1\nMAINPID=${Deno.pid}\nSTATUS=${status}`);
  }

  /** The supervisor replaces its workers; {@linkcode ready} tells that it is done. */
  reloading(): void {
    this.#send("RELOADING=1\nSTATUS=Replacing workers");
  }

  /** The supervisor stops. */
  stopping(): void {
    this.#send("STOPPING=1");
  }

  /** Feeds the watchdog no longer. */
  [Symbol.dispose](): void {
    this.#watchdog?.cancel();
  }

  #send(text: string): void {
    if (this.#path === undefined || sendUnixDatagram(this.#path, text)) return;
    void this.#sendByProgram(text.split("\n"));
  }

  // Nobody can be told when there is no such program either.
  async #sendByProgram(lines: string[]): Promise<void> {
    const args = [`--pid=${Deno.pid}`, ...lines.filter((line) => !line.startsWith("MAINPID="))];
    const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
    try {
      await new Deno.Command("systemd-notify", { args, ...quiet }).output();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
