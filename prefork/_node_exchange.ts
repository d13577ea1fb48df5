import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";

/** Makes a `Request` of what Node received. */
export function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  }
  const method = incoming.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? Readable.toWeb(incoming) as ReadableStream<Uint8Array> : null;
  return new Request(urlOf(incoming), { method, headers, body, signal });
}

/** Says where a request came from, and when it was done with. */
export function toInfo(
  incoming: IncomingMessage,
  completed: Promise<void>,
): Deno.ServeHandlerInfo<Deno.NetAddr> {
  const { remoteAddress = "", remotePort = 0 } = incoming.socket;
  return {
    remoteAddr: { transport: "tcp", hostname: remoteAddress, port: remotePort },
    completed,
  };
}

/** Sends a `Response` through Node, as fast as the peer takes it. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  if (response.statusText !== "") outgoing.statusMessage = response.statusText;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  if (response.body === null) {
    outgoing.end();
    return;
  }
  for await (const chunk of response.body) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await writable(outgoing);
  }
  outgoing.end();
}

function urlOf({ url = "/", headers }: IncomingMessage): string {
  if (/^https?:\/\//.test(url)) return url;
  return `http://${headers.host ?? "localhost"}${url.startsWith("/") ? url : "/"}`;
}

function writable(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off("drain", settle);
      outgoing.off("close", settle);
      resolve();
    };
    outgoing.on("drain", settle);
    outgoing.on("close", settle);
  });
}
