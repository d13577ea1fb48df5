import { request } from "node:http";
import { ControlError, type ControlPlace, formatControlPlace } from "./_control_endpoint.ts";

/** What a control endpoint answered. */
export interface ControlAnswer {
  /** The status code of HTTP. */
  readonly status: number;
  /** What it said. */
  readonly body: string;
}

/**
 * Asks a control endpoint.
 *
 * @param place Where it is.
 * @param order What to ask.
 * @throws {ControlError} When nobody answers there.
 */
export function askControl(
  place: ControlPlace,
  order: { method: "GET" | "POST"; path: string; token?: string },
): Promise<ControlAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ControlAnswer>();
  const target = "port" in place
    ? { host: "127.0.0.1", port: place.port }
    : { socketPath: place.path };
  const headers: Record<string, string> = order.token === undefined
    ? {}
    : { authorization: `Bearer ${order.token}` };
  const { method, path } = order;
  const asked = request({ ...target, method, path, headers, agent: false }, (answer) => {
    let body = "";
    answer.setEncoding("utf8");
    answer.on("data", (text: string) => body += text);
    answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    answer.on("error", fail);
  });
  function fail(error: Error): void {
    const where = formatControlPlace(place);
    reject(new ControlError(`Cannot reach a supervisor at ${where}: ${error.message}`, error));
  }
  asked.on("error", fail);
  asked.end();
  return promise;
}
