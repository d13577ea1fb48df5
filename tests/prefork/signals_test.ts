import { assertEquals } from "@std/assert";
import { bindSignals, type SignalActions, SIGNALS } from "../../prefork/signals.ts";

const ignore = Deno.build.os === "windows";

/** Tells what signals to this process do. */
class Recorder {
  readonly done: string[] = [];
  #next = Promise.withResolvers<void>();

  /** What notes down its name for each action. */
  get actions(): SignalActions {
    const note = (name: string) => (): void => {
      this.done.push(name);
      this.#next.resolve();
    };
    return Object.fromEntries(
      Object.values(SIGNALS).map((name) => [name, note(name)]),
    ) as unknown as SignalActions;
  }

  /** Sends a signal to this process, and waits until it has done something. */
  async send(signal: string): Promise<void> {
    this.#next = Promise.withResolvers();
    // Waiting for a signal alone keeps no process running.
    const awake = setInterval(() => {}, 1000);
    Deno.kill(Deno.pid, signal as Deno.Signal);
    await this.#next.promise;
    clearInterval(awake);
  }
}

Deno.test({
  name: "bindSignals() has each signal do what it stands for, until disposed",
  ignore,
  fn: async () => {
    const recorder = new Recorder();
    // What runs the tests heeds SIGINT itself, and SIGUSR1 opens its debugger.
    const signals = Object.keys(SIGNALS).filter((signal) =>
      signal !== "SIGINT" && signal !== "SIGUSR1"
    );
    {
      using _bound = bindSignals(recorder.actions, { terminal: false });
      for (const signal of signals) await recorder.send(signal);
    }
    assertEquals(recorder.done, signals.map((signal) => SIGNALS[signal]));
  },
});

Deno.test({
  name: "bindSignals() leaves WINCH alone in a terminal",
  ignore,
  fn: async () => {
    const recorder = new Recorder();
    using _bound = bindSignals(recorder.actions, { terminal: true });
    Deno.kill(Deno.pid, "SIGWINCH");
    await recorder.send("SIGUSR2");
    await recorder.send("SIGUSR2");
    assertEquals(recorder.done, ["succeed", "succeed"]);
  },
});
