import type { StreamSocket } from "../../loop/mod.ts";
import { Found } from "../protocol/found.ts";
import { FrameParser } from "../protocol/frame_parser.ts";
import type { MessageInflater } from "../protocol/message_inflater.ts";
import { RateMeter } from "./rate_meter.ts";
import type { ServerContext } from "./server_context.ts";

/** Why nothing is read; several reasons may hold at a time. */
export const Hold = {
  /** The application wishes so. */
  paused: 1,
  /** The application's `onOpen` is not done. */
  opening: 2,
  /** The peer does not read what it was sent. */
  slow: 4,
} as const;

/** Takes what was read. */
export interface InboundOwner {
  /** Something was found, one of {@linkcode Found}. */
  onFound(found: number, parser: FrameParser): void;
  /** The peer sends too much a second. */
  onRateExceeded(): void;
  /** A chunk was read, and what was written meanwhile has gone out. */
  onChunkDone(goOn: boolean): void;
}

/** Options of {@linkcode Inbound}. */
export interface InboundOptions {
  stream: StreamSocket;
  context: ServerContext;
  inflater: MessageInflater | null;
  owner: InboundOwner;
}

/** The reading side of a connection: what comes is held back while there is a reason to. */
export class Inbound {
  /** When the peer last gave a sign of life, in milliseconds of the loop. */
  heardAt: number;
  /** When the last message came. */
  messageAt: number;

  readonly #stream: StreamSocket;
  readonly #context: ServerContext;
  readonly #owner: InboundOwner;
  readonly #parser: FrameParser;
  readonly #byteRate: RateMeter | null;
  readonly #messageRate: RateMeter | null;
  #holds = 0;
  #kept: Uint8Array<ArrayBuffer> | null = null;
  #stopped = false;

  /**
   * @param options See {@linkcode InboundOptions}.
   */
  constructor(options: InboundOptions) {
    const { context, inflater } = options;
    const { settings, unmasker } = context;
    const now = context.loop.now();
    this.#stream = options.stream;
    this.#context = context;
    this.#owner = options.owner;
    this.#parser = new FrameParser(settings, { unmasker, inflater, budget: context.unfinished });
    this.#byteRate = RateMeter.of(settings.maxBytesPerSecond, now);
    this.#messageRate = RateMeter.of(settings.maxMessagesPerSecond, now);
    this.heardAt = now;
    this.messageAt = now;
  }

  /** The reasons why nothing is read, of {@linkcode Hold}; 0 when reading goes on. */
  get holds(): number {
    return this.#holds;
  }

  /** Reads `chunk`. */
  receive(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#stopped) return;
    const now = this.#context.loop.now();
    this.heardAt = now;
    this.#context.counters.bytesReceived += chunk.length;
    if (this.#byteRate?.take(chunk.length, now) === false) return this.#owner.onRateExceeded();
    if (this.#holds !== 0) this.#keep(chunk);
    else this.#read(chunk);
  }

  /** Stops to read for a reason. */
  hold(reason: number): void {
    if (this.#holds === 0) this.#stream.pause();
    this.#holds |= reason;
  }

  /** A reason has gone; reads on when it was the last. */
  free(reason: number): void {
    if ((this.#holds & reason) === 0) return;
    this.#holds &= ~reason;
    if (this.#holds !== 0) return;
    this.heardAt = this.#context.loop.now();
    if (this.#kept === null) this.#stream.resume();
    else this.#context.loop.callSoon(this.#readKept);
  }

  /** Reads nothing any more, and drops what still comes. */
  stop(): void {
    this.#stopped = true;
    this.#kept = null;
    this.#parser.release();
    this.#stream.resume();
  }

  #readKept = (): void => {
    if (this.#stopped || this.#holds !== 0 || this.#kept === null) return;
    const chunk = this.#kept;
    this.#kept = null;
    this.#read(chunk);
    if (this.#holds === 0) this.#stream.resume();
  };

  #read(chunk: Uint8Array<ArrayBuffer>): void {
    const { writer } = this.#context;
    const parser = this.#parser;
    writer.cork(this.#stream);
    try {
      parser.start(chunk);
      while (this.#holds === 0 && !this.#stopped) {
        const found = parser.next();
        if (found === Found.nothing) break;
        if (found <= Found.binary && !this.#countMessage()) break;
        this.#owner.onFound(found, parser);
      }
    } finally {
      this.#owner.onChunkDone(writer.uncork());
    }
    if (this.#holds !== 0 && !this.#stopped) this.#keep(parser.rest);
  }

  #countMessage(): boolean {
    const { loop, counters } = this.#context;
    counters.messagesReceived++;
    this.messageAt = loop.now();
    if (this.#messageRate?.take(1, this.messageAt) !== false) return true;
    this.#owner.onRateExceeded();
    return false;
  }

  /** Keeps what can't be read now; the stream hands over no more than one chunk meanwhile. */
  #keep(chunk: Uint8Array<ArrayBuffer>): void {
    if (chunk.length === 0) return;
    const before = this.#kept?.length ?? 0;
    const kept = new Uint8Array(before + chunk.length);
    if (this.#kept !== null) kept.set(this.#kept);
    kept.set(chunk, before);
    this.#kept = kept;
  }
}
