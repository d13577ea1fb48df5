import type {
  ConnectOptions,
  ListenOptions,
  StreamListener,
  StreamSocket,
} from "../../../loop/mod.ts";
import type { PollerWorld } from "./poller_world.ts";
import { StreamRecorder, type StreamRecorderOptions } from "./stream_recorder.ts";

/** One end of a connection. */
export interface StreamEnd {
  /** The stream. */
  readonly stream: StreamSocket;
  /** What it has told. */
  readonly told: StreamRecorder;
}

/** Both ends of a connection, and the listener it came by. */
export interface StreamPair {
  readonly listener: StreamListener;
  readonly server: StreamEnd;
  readonly client: StreamEnd;
}

/** Options of {@linkcode connectPair}. */
export interface StreamPairOptions {
  /** For the listener. */
  listen?: Partial<ListenOptions>;
  /** For the client. */
  connect?: Partial<ConnectOptions>;
  /** For the recorder of the server's end. */
  server?: StreamRecorderOptions;
  /** For the recorder of the client's end. */
  client?: StreamRecorderOptions;
}

/** Listens in the server's loop, handing each connection to `onAccept`. */
export function listenWith(
  world: PollerWorld,
  onAccept: (end: StreamEnd) => void,
  options: Partial<ListenOptions> & { recorder?: StreamRecorderOptions } = {},
): Promise<StreamListener> {
  const hostname = options.path === undefined ? world.serverHost : undefined;
  return world.server.listenStream({
    hostname,
    onConnection: (stream) => {
      const told = new StreamRecorder(options.recorder);
      onAccept({ stream, told });
      return told;
    },
    ...options,
  });
}

/** Connects to a listener from the client's loop. */
export async function connectTo(
  world: PollerWorld,
  listener: StreamListener,
  options: Partial<ConnectOptions> & { recorder?: StreamRecorderOptions } = {},
): Promise<StreamEnd> {
  const told = new StreamRecorder(options.recorder);
  const address = listener.localAddress;
  const target = "path" in address
    ? { path: address.path }
    : { hostname: world.serverHost, port: address.port };
  const stream = await world.client.connectStream({ handlers: told, ...target, ...options });
  return { stream, told };
}

/** Makes a connection and waits until both ends have it. */
export async function connectPair(
  world: PollerWorld,
  options: StreamPairOptions = {},
): Promise<StreamPair> {
  const accepted = Promise.withResolvers<StreamEnd>();
  const listener = await listenWith(world, accepted.resolve, {
    ...options.listen,
    recorder: options.server,
  });
  const client = await connectTo(world, listener, { ...options.connect, recorder: options.client });
  return { listener, server: await accepted.promise, client };
}

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/**
 * Sends a byte there and back many times on a connection of its own, so that
 * everything else that could happen in the meantime has had every chance to.
 */
export async function passTime(world: PollerWorld, trips = 50): Promise<void> {
  const { server, client, listener } = await connectPair(world, {
    server: { onData: (chunk, stream) => void stream.write(chunk) },
    client: { onData: () => {} },
  });
  for (let i = 1; i <= trips; i++) {
    client.stream.write(bytesOf("x"));
    await client.told.until(() => client.told.received === i);
  }
  client.stream.end();
  await Promise.all([client.told.closed(), server.told.closed()]);
  listener.close();
}
