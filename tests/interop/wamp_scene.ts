import { EventLoop } from "../../loop/mod.ts";
import { type Application, WsServer } from "../../websocket/mod.ts";

/** A server of an application on a real port. */
export interface Served extends AsyncDisposable {
  /** Where it is. */
  readonly url: string;
}

/** Serves an application on a real port. */
export async function serve(make: (loop: EventLoop) => Application): Promise<Served> {
  const loop = new EventLoop();
  const server = new WsServer(make(loop), { loop });
  const { port } = await server.listen({ hostname: "127.0.0.1" }) as { port: number };
  return {
    url: `ws://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      await server.drain();
      await loop[Symbol.asyncDispose]();
    },
  };
}
