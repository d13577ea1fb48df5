import { askControl } from "./_control_client.ts";
import type { ControlPlace } from "./_control_endpoint.ts";
import { readHolder } from "./pid_file.ts";
import { SIGNALS } from "./signals.ts";
import { statusText } from "./_status_text.ts";
import type { SupervisorStatus } from "./supervisor_status.ts";

/** What is wrong with an order on the command line. */
export class OrderError extends Error {
  /**
   * Makes the error.
   *
   * @param message What can't be done and why.
   */
  constructor(message: string) {
    super(message);
    this.name = "OrderError";
  }
}

/** Where the supervisor is. */
export interface CtlTarget {
  /** Its control endpoint. */
  readonly control?: ControlPlace;
  /** Its pid file, through which it can be sent signals only. */
  readonly pidFile?: string;
  /** The token that it wants. */
  readonly token?: string;
}

/**
 * Gives a running supervisor an order: `status`, `metrics`, `reload`, `scale N`, `stop`, or
 * `signal NAME`.
 *
 * @returns What to print, and the exit code.
 * @throws {OrderError} When there is no such order, or it can't be given this way.
 */
export async function giveOrder(
  order: readonly string[],
  target: CtlTarget,
): Promise<{ code: number; text: string }> {
  const [verb = "", argument, ...rest] = order;
  const wanted = verb === "scale" || verb === "signal" ? 1 : 0;
  if (!(verb in VERBS) || rest.length > 0 || (argument === undefined ? 0 : 1) !== wanted) {
    throw new OrderError(`Cannot ${order.join(" ") || "do nothing"}: the orders are ${ORDERS}`);
  }
  if (verb === "signal") return sendSignal(argument, target);
  if (verb === "scale" && !/^\d+$/.test(argument)) {
    throw new OrderError(`Cannot scale to ${argument} as it is no number of workers`);
  }
  if (target.control !== undefined) return await askFor(verb, argument, target);
  const signal = VERBS[verb as keyof typeof VERBS];
  if (signal !== null) return sendSignal(signal, target);
  throw new OrderError(`Cannot ${verb} without --status, the control endpoint`);
}

const ORDERS = "status, metrics, reload, scale N, stop, signal NAME";

/** The signal that does the same; `null` when none does. */
const VERBS = {
  status: null,
  metrics: null,
  reload: "SIGHUP",
  scale: null,
  stop: "SIGQUIT",
  signal: null,
} as const;

function sendSignal(name: string, target: CtlTarget): { code: number; text: string } {
  const signal = name.startsWith("SIG") ? name : `SIG${name}`;
  if (!(signal in SIGNALS)) {
    const known = Object.keys(SIGNALS).map((each) => each.slice(3)).join(", ");
    throw new OrderError(`Cannot send ${name} as a supervisor heeds only ${known}`);
  }
  if (target.pidFile === undefined) {
    throw new OrderError("Cannot send a signal without --pid, the pid file");
  }
  const pid = readHolder(target.pidFile);
  Deno.kill(pid, signal as Deno.Signal);
  return { code: 0, text: `sent ${signal} to ${pid}` };
}

async function askFor(
  verb: string,
  argument: string,
  { control, token }: CtlTarget,
): Promise<{ code: number; text: string }> {
  const isQuestion = verb === "status" || verb === "metrics";
  const { status, body } = await askControl(control!, {
    method: isQuestion ? "GET" : "POST",
    path: verb === "scale" ? `/scale?workers=${argument}` : `/${verb}`,
    token,
  });
  const code = status === 200 ? 0 : 1;
  if (verb === "status" && code === 0) {
    return { code, text: statusText(JSON.parse(body) as SupervisorStatus) };
  }
  return { code, text: describe(verb, body) };
}

/** Says in one line what came of an order. */
function describe(verb: string, body: string): string {
  if (verb === "metrics") return body.trimEnd();
  const { error, replaced, failure, size } = JSON.parse(body);
  if (error !== undefined) return `refused: ${error}`;
  if (verb === "scale") return `scaling to ${size} workers`;
  if (verb === "stop") return "stopping";
  return failure === null ? `replaced ${replaced} workers` : `gave up: ${failure.reason}`;
}
