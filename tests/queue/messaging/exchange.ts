import type { EventLoop, SocketAddress } from "../../../loop/mod.ts";
import type { MessagePlace, MessageSocket, MessageSocketOptions } from "../../../queue/mod.ts";
import type { PollerWorld } from "../../loop/conformance/poller_world.ts";

/** The text of a message. */
export function textOf(message: Uint8Array): string {
  return new TextDecoder().decode(message);
}

/** Lets a socket listen where the others of a world reach it. */
export async function bind(socket: MessageSocket, world: PollerWorld): Promise<MessagePlace> {
  const hostname = world.serverHost;
  const address = await socket.bind({ hostname, allow: ["127.0.0.0/8", "10.0.0.0/8"] });
  return { hostname, port: (address as SocketAddress).port };
}

/** Options of a socket on one of a world's loops, whose errors the world checks. */
export function on(loop: EventLoop, world: PollerWorld): MessageSocketOptions {
  return { loop, onError: (error) => world.errors.push(error) };
}

/** Waits until a condition holds. */
export async function until(loop: EventLoop, condition: () => boolean): Promise<void> {
  while (!condition()) await loop.sleep(1);
}
