import type { Clock } from "../../loop/mod.ts";
import { LabelLimit, type Telemetry } from "../../telemetry/mod.ts";
import { ErrorUri } from "../wamp/wamp_error.ts";
import type { WampObserver } from "../wamp/wamp_observer.ts";

/** Observes calls of procedures: each is a span, and is measured. */
export function observeCalls(
  { telemetry, clock }: { telemetry: Telemetry; clock: Clock },
): WampObserver {
  const procedures = new LabelLimit();
  const calls = telemetry.histogram({
    name: "sluice_wamp_call_seconds",
    help: "Time until a call of a procedure had its result.",
    labels: ["procedure", "outcome"],
  });
  return {
    onCall(procedure) {
      const start = clock.monotonicMs();
      const attributes = { "rpc.system": "wamp", "rpc.method": procedure };
      const span = telemetry.span("wamp call", { kind: "server", attributes });
      return {
        run: (work) => span.run(work),
        end: (error) => {
          if (error !== null) span.fail(error);
          span.end();
          // Anybody can call what nobody has registered.
          const isUnknown = error?.uri === ErrorUri.noSuchProcedure;
          calls.record((clock.monotonicMs() - start) / 1000, {
            procedure: isUnknown ? "unknown" : procedures.label(procedure),
            outcome: error === null ? "result" : "error",
          });
        },
      };
    },
  };
}
