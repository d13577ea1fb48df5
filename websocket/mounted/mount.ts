import type { StreamAddress } from "../../loop/mod.ts";
import { reasonPhrase } from "../protocol/handshake_answer.ts";
import type { Refusal } from "../protocol/request_head.ts";
import type { Verdict } from "../server/dispatcher.ts";
import type { ServerContext } from "../server/server_context.ts";
import { MountedConnection } from "./mounted_connection.ts";
import { MountedRequest } from "./mounted_request.ts";

/** What `Deno.serve` tells about a request beside itself. */
export interface MountInfo {
  /** Where the client is. */
  readonly remoteAddr?: unknown;
}

/**
 * Answers a request by a connection on the platform's WebSocket.
 *
 * @param context What the connections of the server share.
 * @param request What a server of the platform got.
 * @param info What that server tells about it.
 * @returns The answer: 101, or a refusal.
 */
export function mount(
  context: ServerContext,
  request: Request,
  info: MountInfo,
): Response | Promise<Response> {
  const remoteAddress = addressOf(info.remoteAddr);
  const refusal = refuse(context, request);
  if (refusal !== null) return refused(context, refusal);
  const addressKey = context.addresses.enter(remoteAddress);
  if (addressKey === null) {
    return refused(context, { status: 429, body: "Too many connections from this address" });
  }
  const mounted = new MountedRequest(request, remoteAddress);
  const answer = (verdict: Verdict): Response => {
    const { status, headers, body } = verdict;
    if (status === null) return upgrade(context, { request, mounted, verdict, addressKey });
    context.addresses.leave(addressKey);
    return refused(context, { status, headers, body });
  };
  const verdict = context.dispatcher.handshake(mounted);
  return verdict instanceof Promise ? verdict.then(answer) : answer(verdict);
}

function refuse(context: ServerContext, request: Request): Refusal | null {
  if (request.method !== "GET") {
    return { status: 405, headers: [["Allow", "GET"]], body: "A handshake is a GET request" };
  }
  const version = request.headers.get("sec-websocket-version");
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket" || version !== "13") {
    return {
      status: 426,
      headers: [["Upgrade", "websocket"], ["Sec-WebSocket-Version", "13"]],
      body: "Only version 13 of WebSocket is spoken here",
    };
  }
  if (context.draining || context.roster.size >= context.settings.maxConnections) {
    return { status: 503, headers: [["Retry-After", "10"]] };
  }
  return null;
}

function refused(context: ServerContext, refusal: Refusal): Response {
  context.counters.refused++;
  const { status, body } = refusal;
  const headers = new Headers((refusal.headers ?? []).map(([name, value]) => [name, value]));
  const statusText = reasonPhrase(status);
  return new Response(`${body ?? statusText}\n`, { status, statusText, headers });
}

function upgrade(
  context: ServerContext,
  options: { request: Request; mounted: MountedRequest; verdict: Verdict; addressKey: string },
): Response {
  const { request, mounted, verdict, addressKey } = options;
  const { pingIntervalMs } = context.settings;
  try {
    const { socket, response } = Deno.upgradeWebSocket(request, {
      idleTimeout: Math.ceil(pingIntervalMs / 1000),
    });
    const { subprotocol } = verdict;
    // The platform's own option fails on a list without blanks.
    if (subprotocol !== "") response.headers.set("Sec-WebSocket-Protocol", subprotocol);
    for (const [name, value] of verdict.headers) response.headers.append(name, value);
    new MountedConnection({ socket, context, request: mounted, subprotocol, addressKey });
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    context.addresses.leave(addressKey);
    return refused(context, { status: 400, body: "The handshake is malformed" });
  }
}

function addressOf(address: unknown): StreamAddress | null {
  if (typeof address !== "object" || address === null) return null;
  const { hostname, port, path } = address as Record<string, unknown>;
  if (typeof hostname === "string" && typeof port === "number") return { hostname, port };
  return typeof path === "string" ? { path } : null;
}
