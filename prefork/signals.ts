/** What a supervisor does when it gets a signal. */
export interface SignalActions {
  /** TTIN: one worker more. */
  grow(): void;
  /** TTOU: one worker less. */
  shrink(): void;
  /** HUP: replace all workers. */
  reload(): void;
  /** QUIT: stop gracefully. */
  drain(): void;
  /** TERM, INT: stop now. */
  close(): void;
  /** USR1: open log files again. */
  reopenLogs(): void;
  /** USR2: start another supervisor from the code on disk, and leave to it. */
  succeed(): void;
  /** WINCH: let all workers go, and stay. */
  dropWorkers(): void;
}

/** Which signal does what. */
export const SIGNALS: Readonly<Record<string, keyof SignalActions>> = {
  SIGTTIN: "grow",
  SIGTTOU: "shrink",
  SIGHUP: "reload",
  SIGQUIT: "drain",
  SIGTERM: "close",
  SIGINT: "close",
  SIGUSR1: "reopenLogs",
  SIGUSR2: "succeed",
  SIGWINCH: "dropWorkers",
};

/**
 * Has signals do what they should, until disposed. A terminal sends WINCH whenever its window
 * changes, so it does nothing there.
 */
export function bindSignals(
  actions: SignalActions,
  { terminal = Deno.stderr.isTerminal() }: { terminal?: boolean } = {},
): Disposable {
  const bound = Object.entries(SIGNALS)
    .filter(([signal]) => signal !== "SIGWINCH" || !terminal)
    .map(([signal, action]) => {
      const listener = (): void => actions[action]();
      Deno.addSignalListener(signal as Deno.Signal, listener);
      return { signal: signal as Deno.Signal, listener };
    });
  return {
    [Symbol.dispose]: () => {
      for (const { signal, listener } of bound) Deno.removeSignalListener(signal, listener);
    },
  };
}
