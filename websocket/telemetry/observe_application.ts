import { type Clock, SystemClock } from "../../loop/mod.ts";
import { type Histogram, inSpan, type Telemetry } from "../../telemetry/mod.ts";
import type { Application } from "../application.ts";
import { Component } from "../component.ts";
import { AggregateApplication } from "../components/aggregate_application.ts";
import type { Connection } from "../connection.ts";
import { isPromise } from "../is_promise.ts";
import { WampServer } from "../wamp/wamp_server.ts";
import { observeCalls } from "./observe_calls.ts";

/** Options of {@linkcode observeApplication}. */
export interface ObserveApplicationOptions {
  /** Where measurements go. */
  telemetry: Telemetry;
  /**
   * What durations are measured by.
   *
   * @default {the machine's clock}
   */
  clock?: Clock;
}

/**
 * Observes an application: each message is a span, and how long it is worked
 * on is measured, as are the calls of procedures of WAMP.
 *
 * @param application The application.
 * @param options See {@linkcode ObserveApplicationOptions}.
 * @returns What to serve in its place.
 *
 * @example Measure messages
 * ```ts
 * import { WsServer } from "@sluice/sluice/websocket";
 * import { observeApplication, websocketMetrics } from "@sluice/sluice/websocket/telemetry";
 * import { PrometheusTelemetry } from "@sluice/sluice/telemetry";
 *
 * const telemetry = await PrometheusTelemetry.open();
 * const application = observeApplication({ onMessage() {} }, { telemetry });
 * await using server = new WsServer(application);
 * telemetry.watch(websocketMetrics(server, application));
 * ```
 */
export function observeApplication(
  application: Application,
  { telemetry, clock = new SystemClock() }: ObserveApplicationOptions,
): Application {
  for (const wamp of wampServersOf(application)) wamp.observe(observeCalls({ telemetry, clock }));
  return new ObservedApplication(application, { telemetry, clock });
}

class ObservedApplication extends Component {
  readonly #telemetry: Telemetry;
  readonly #clock: Clock;
  readonly #messages: Histogram;

  constructor(inner: Application, { telemetry, clock }: Required<ObserveApplicationOptions>) {
    super(inner);
    this.#telemetry = telemetry;
    this.#clock = clock;
    this.#messages = telemetry.histogram({
      name: "sluice_websocket_message_seconds",
      help: "Time that the application worked on a message.",
    });
  }

  override onMessage(
    connection: Connection,
    message: string | Uint8Array<ArrayBuffer>,
  ): void | Promise<void> {
    const start = this.#clock.monotonicMs();
    const done = (): void => this.#messages.record((this.#clock.monotonicMs() - start) / 1000);
    let result: void | Promise<void>;
    try {
      result = this.#work(() => super.onMessage(connection, message));
    } catch (error) {
      done();
      throw error;
    }
    if (!isPromise(result)) return done();
    result.then(done, done);
    return result;
  }

  #work(work: () => void | Promise<void>): void | Promise<void> {
    // What is done at once stays so where nobody traces.
    if (!this.#telemetry.traces) return work();
    return inSpan(this.#telemetry.span("websocket message", { kind: "server" }), work);
  }
}

function* wampServersOf(application: Application): IterableIterator<WampServer> {
  if (application instanceof WampServer) yield application;
  if (application instanceof AggregateApplication) {
    for (const each of application.applications) yield* wampServersOf(each);
  }
  if (application instanceof Component) yield* wampServersOf(application.inner);
}
