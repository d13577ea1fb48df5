import { StreamError, type StreamHandlers, type StreamSocket } from "../../loop/mod.ts";
import type { CloseInfo } from "../application.ts";
import type { Attributes } from "../attribute.ts";
import { type Connection, ConnectionClosedError, type ConnectionState } from "../connection.ts";
import type { HandshakeRequest } from "../handshake_request.ts";
import type { PreparedMessage } from "../prepared_message.ts";
import { CloseCode } from "../protocol/close_code.ts";
import { Found } from "../protocol/found.ts";
import { encodeClose } from "../protocol/frame_encoder.ts";
import type { FrameParser } from "../protocol/frame_parser.ts";
import type { MessageDeflater } from "../protocol/message_deflater.ts";
import type { MessageInflater } from "../protocol/message_inflater.ts";
import { Opcode } from "../protocol/opcode.ts";
import { checkClose } from "./check_close.ts";
import { ConnectionId } from "./connection_id.ts";
import { Hold, Inbound, type InboundOwner } from "./inbound.ts";
import { Outbound } from "./outbound.ts";
import { Pings } from "./pings.ts";
import type { Guest } from "./roster.ts";
import type { ServerContext } from "./server_context.ts";

const NEVER = Infinity;

/** Options of {@linkcode LoopConnection}. */
export interface LoopConnectionOptions {
  stream: StreamSocket;
  context: ServerContext;
  request: HandshakeRequest;
  subprotocol: string;
  /** What counts the address of the peer. */
  addressKey: string;
  inflater: MessageInflater | null;
  deflater: MessageDeflater | null;
}

/** A connection on a stream of the loop, from the accepted handshake on. */
export class LoopConnection implements Connection, StreamHandlers, InboundOwner, Guest {
  readonly request: HandshakeRequest;
  readonly subprotocol: string;
  readonly #stream: StreamSocket;
  readonly #context: ServerContext;
  readonly #addressKey: string;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #id: ConnectionId;
  #state: ConnectionState = "open";
  #roundTripMs: number | null = null;
  #pings: Pings | null = null;
  #isOpening = false;
  #ending: CloseInfo | null = null;
  #closeCode: number = CloseCode.abnormal;
  /** When the peer must have closed. */
  #deadline = NEVER;
  /** When the queue became full. */
  #slowSince = NEVER;
  /** When the peer was pinged as nothing was heard of it. */
  #probedAt = NEVER;

  /**
   * @param options See {@linkcode LoopConnectionOptions}.
   */
  constructor(options: LoopConnectionOptions) {
    const { stream, context, inflater, deflater } = options;
    this.request = options.request;
    this.subprotocol = options.subprotocol;
    this.#stream = stream;
    this.#context = context;
    this.#addressKey = options.addressKey;
    this.#id = new ConnectionId(context.loop.random);
    this.#inbound = new Inbound({ stream, context, inflater, owner: this });
    this.#outbound = new Outbound({ stream, context, deflater });
  }

  get id(): string {
    return this.#id.text;
  }

  get attributes(): Attributes {
    return this.request.attributes;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get bufferedBytes(): number {
    return this.#outbound.bufferedBytes;
  }

  get paused(): boolean {
    return (this.#inbound.holds & Hold.paused) !== 0;
  }

  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /** Tells the application, and reads what came behind the handshake. */
  open(rest: Uint8Array<ArrayBuffer>): void {
    this.#context.roster.opened(this);
    this.#isOpening = true;
    const opening = this.#context.dispatcher.open(this);
    if (opening === undefined) {
      this.#opened();
    } else {
      this.#inbound.hold(Hold.opening);
      opening.then(() => this.#opened());
    }
    if (rest.length > 0) this.#inbound.receive(rest);
  }

  send(data: string | Uint8Array | PreparedMessage): boolean {
    if (this.#state !== "open") return false;
    if (this.#stream.queuedBytes > this.#context.settings.maxBufferedBytes) {
      this.#evict();
      return false;
    }
    return this.#wrote(this.#outbound.message(data));
  }

  close(code: number = CloseCode.normal, reason = ""): void {
    checkClose(code, reason);
    if (this.#state !== "open") return;
    this.#sendClose(code, reason);
    this.#closeCode = code;
    this.#state = "closing";
    this.#context.roster.closed(this);
    this.#deadline = this.#context.loop.now() + this.#context.settings.closeTimeoutMs;
    this.#inbound.free(Hold.paused | Hold.slow);
  }

  terminate(): void {
    this.#stream.terminate();
    this.#finish({ code: CloseCode.abnormal, reason: "", wasClean: false });
  }

  async drained(options: { signal?: AbortSignal } = {}): Promise<void> {
    this.#outbound.flush();
    try {
      await this.#stream.drained(options);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      throw new ConnectionClosedError("Cannot wait for connection to drain as it was closed", {
        code: this.#closeCode,
      });
    }
  }

  pause(): void {
    if (this.#state === "open") this.#inbound.hold(Hold.paused);
  }

  resume(): void {
    this.#inbound.free(Hold.paused);
  }

  ping(options: { signal?: AbortSignal } = {}): Promise<number> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#state !== "open") {
        const message = "Cannot ping as the connection is not open";
        return reject(new ConnectionClosedError(message, { code: this.#closeCode }));
      }
      const abort = (): void => {
        this.#pings?.forget(settle);
        reject(signal!.reason);
      };
      const settle = (roundTripMs: number): void => {
        signal?.removeEventListener("abort", abort);
        resolve(roundTripMs);
      };
      this.#sendPing(settle, reject);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  onData(chunk: Uint8Array<ArrayBuffer>): void {
    this.#inbound.receive(chunk);
  }

  onDrain(): void {
    this.#slowSince = NEVER;
    this.#inbound.free(Hold.slow);
  }

  onEnd(): void {
    this.#finish({ code: CloseCode.abnormal, reason: "", wasClean: false });
    this.#stream.end();
  }

  onClose(): void {
    this.#finish({ code: CloseCode.abnormal, reason: "", wasClean: false });
    this.#context.addresses.leave(this.#addressKey);
    this.#context.roster.delete(this);
  }

  onFound(found: number, parser: FrameParser): void {
    switch (found) {
      case Found.text:
        if (this.#state === "open") this.#context.dispatcher.message(this, parser.text);
        break;
      case Found.binary:
        if (this.#state === "open") this.#context.dispatcher.message(this, parser.bytes);
        break;
      case Found.ping:
        if (this.#state === "open") {
          this.#wrote(this.#outbound.control(Opcode.pong, parser.payload));
        }
        break;
      case Found.pong:
        this.#takePong(parser.payload);
        break;
      case Found.close:
        this.#takeClose(parser.close);
        break;
      default:
        this.#context.counters.failed++;
        this.#fail(parser.close.code, parser.close.reason);
    }
  }

  onRateExceeded(): void {
    this.#context.counters.failed++;
    this.#fail(CloseCode.policyViolation, "Too much was sent in a second");
  }

  onChunkDone(goOn: boolean): void {
    this.#wrote(goOn);
  }

  tick(now: number): void {
    const { settings } = this.#context;
    if (now >= this.#deadline) return this.#lose();
    if (this.#state !== "open") return;
    if (now - this.#slowSince >= settings.slowTimeoutMs) return this.#evict();
    if (this.#inbound.holds !== 0) return;
    if (settings.idleTimeoutMs > 0 && now - this.#inbound.messageAt >= settings.idleTimeoutMs) {
      return this.#fail(CloseCode.policyViolation, "No message came for too long");
    }
    if (this.#inbound.heardAt >= this.#probedAt) this.#probedAt = NEVER;
    if (now - this.#probedAt >= settings.pongTimeoutMs) return this.#lose();
    const silentMs = now - this.#inbound.heardAt;
    if (settings.pingIntervalMs > 0 && silentMs >= settings.pingIntervalMs) this.#probe(now);
  }

  #probe(now: number): void {
    if (this.#probedAt !== NEVER) return;
    this.#probedAt = now;
    const ignore = (): void => {};
    this.#sendPing(ignore, ignore);
  }

  #sendPing(resolve: (roundTripMs: number) => void, reject: (reason: unknown) => void): void {
    this.#pings ??= new Pings();
    const payload = this.#pings.add({ sentAt: this.#context.loop.now(), resolve, reject });
    this.#wrote(this.#outbound.control(Opcode.ping, payload));
  }

  #takePong(payload: Uint8Array): void {
    const roundTripMs = this.#pings?.pong(payload, this.#context.loop.now()) ?? null;
    if (roundTripMs !== null) this.#roundTripMs = roundTripMs;
  }

  #takeClose(close: { code: number; reason: string }): void {
    if (this.#state === "open") this.#sendClose(close.code, "");
    this.#finish({ ...close, wasClean: true });
    this.#outbound.end();
  }

  #sendClose(code: number, reason: string): void {
    this.#outbound.control(Opcode.close, encodeClose(code, reason));
  }

  /** Closes without waiting for the peer's close frame, which may never come. */
  #fail(code: number, reason: string): void {
    if (this.#state === "open") this.#sendClose(code, reason);
    this.#finish({ code, reason, wasClean: false });
    this.#outbound.end();
  }

  #evict(): void {
    this.#context.counters.evicted++;
    this.#fail(this.#context.settings.evictionCode, "The peer reads too slowly");
  }

  #lose(): void {
    this.#context.counters.lost++;
    this.terminate();
  }

  #wrote(goOn: boolean): boolean {
    if (goOn || this.#slowSince !== NEVER || this.#state !== "open") return goOn;
    this.#slowSince = this.#context.loop.now();
    this.#inbound.hold(Hold.slow);
    return false;
  }

  /** Ends the connection for the application; the stream may still have something to send. */
  #finish(close: CloseInfo): void {
    if (this.#state === "closed") return;
    const { loop, settings, roster } = this.#context;
    this.#state = "closed";
    this.#closeCode = close.code;
    this.#deadline = loop.now() + settings.closeTimeoutMs;
    this.#inbound.stop();
    this.#outbound.release();
    this.#pings?.close(close.code);
    roster.closed(this);
    this.#ending = close;
    if (!this.#isOpening) this.#tellEnd();
  }

  #opened(): void {
    this.#isOpening = false;
    this.#inbound.free(Hold.opening);
    if (this.#ending !== null) this.#tellEnd();
  }

  #tellEnd(): void {
    const { loop, dispatcher } = this.#context;
    // Never from within a call of the application.
    loop.callSoon(() => dispatcher.close(this, this.#ending!));
  }
}
