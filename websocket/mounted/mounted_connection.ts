import { Buffer } from "node:buffer";
import type { CloseInfo } from "../application.ts";
import type { Attributes } from "../attribute.ts";
import { type Connection, ConnectionClosedError, type ConnectionState } from "../connection.ts";
import type { HandshakeRequest } from "../handshake_request.ts";
import { PreparedMessage } from "../prepared_message.ts";
import { CloseCode } from "../protocol/close_code.ts";
import { checkClose } from "../server/check_close.ts";
import { ConnectionId } from "../server/connection_id.ts";
import { RateMeter } from "../server/rate_meter.ts";
import type { Guest } from "../server/roster.ts";
import type { ServerContext } from "../server/server_context.ts";
import { HeldMessages } from "./held_messages.ts";

/** How often a socket is asked whether it has sent what it had to. */
const DRAIN_POLL_MS = 10;
const NEVER = Infinity;

/** Options of {@linkcode MountedConnection}. */
export interface MountedConnectionOptions {
  socket: WebSocket;
  context: ServerContext;
  request: HandshakeRequest;
  subprotocol: string;
  /** What counts the address of the peer. */
  addressKey: string;
}

/** A connection on a socket of the platform, which does less than one of ours. */
export class MountedConnection implements Connection, Guest {
  readonly request: HandshakeRequest;
  readonly subprotocol: string;
  /** The platform pings by itself and doesn't tell. */
  readonly roundTripMs = null;
  readonly #socket: WebSocket;
  readonly #context: ServerContext;
  readonly #addressKey: string;
  readonly #id: ConnectionId;
  readonly #held: HeldMessages;
  readonly #messageRate: RateMeter | null;
  readonly #byteRate: RateMeter | null;
  #state: ConnectionState = "open";
  #paused = false;
  #isOpening = false;
  #ending: CloseInfo | null = null;
  #closeCode: number = CloseCode.abnormal;
  #deadline: number;
  #slowSince = NEVER;
  #messageAt: number;

  /**
   * @param options See {@linkcode MountedConnectionOptions}.
   */
  constructor(options: MountedConnectionOptions) {
    const { socket, context } = options;
    const { settings, loop } = context;
    this.request = options.request;
    this.subprotocol = options.subprotocol;
    this.#socket = socket;
    this.#context = context;
    this.#addressKey = options.addressKey;
    this.#id = new ConnectionId(loop.random);
    this.#held = new HeldMessages(settings.maxMessageBytes);
    this.#messageRate = RateMeter.of(settings.maxMessagesPerSecond, loop.now());
    this.#byteRate = RateMeter.of(settings.maxBytesPerSecond, loop.now());
    this.#deadline = loop.now() + settings.handshakeTimeoutMs;
    this.#messageAt = loop.now();
    context.roster.add(this);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#open();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason, wasClean }) => this.#finish({ code, reason, wasClean });
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
    return this.#socket.bufferedAmount;
  }

  get paused(): boolean {
    return this.#paused;
  }

  send(data: string | Uint8Array | PreparedMessage): boolean {
    if (this.#state !== "open") return false;
    const { settings, counters, loop } = this.#context;
    if (this.bufferedBytes > settings.maxBufferedBytes) {
      this.#evict();
      return false;
    }
    const message = data instanceof PreparedMessage ? data.data : data;
    // The platform keeps bytes without a copy until they are sent.
    const isOwn = typeof message === "string" || data instanceof PreparedMessage;
    this.#socket.send(isOwn ? message as string | Uint8Array<ArrayBuffer> : message.slice());
    counters.messagesSent++;
    if (this.bufferedBytes < settings.highWatermark) return true;
    if (this.#slowSince === NEVER) this.#slowSince = loop.now();
    return false;
  }

  close(code: number = CloseCode.normal, reason = ""): void {
    checkClose(code, reason);
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#closeCode = code;
    this.#deadline = this.#context.loop.now() + this.#context.settings.closeTimeoutMs;
    this.#context.roster.closed(this);
    this.#held.clear();
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#finish({ code: CloseCode.abnormal, reason: "", wasClean: false });
  }

  async drained(options: { signal?: AbortSignal } = {}): Promise<void> {
    const { loop, settings } = this.#context;
    while (this.#state !== "closed" && this.bufferedBytes > settings.lowWatermark) {
      await loop.sleep(DRAIN_POLL_MS, options);
    }
    if (this.#state !== "closed") return;
    throw new ConnectionClosedError("Cannot wait for connection to drain as it was closed", {
      code: this.#closeCode,
    });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#context.loop.callSoon(() => this.#handOver());
  }

  ping(): Promise<number> {
    return Promise.reject(
      new TypeError("Cannot ping as the platform's WebSocket does not offer it"),
    );
  }

  tick(now: number): void {
    const { settings, counters } = this.#context;
    if (now >= this.#deadline) {
      counters.lost++;
      return this.terminate();
    }
    if (this.#state !== "open") return;
    if (this.bufferedBytes <= settings.lowWatermark) this.#slowSince = NEVER;
    if (now - this.#slowSince >= settings.slowTimeoutMs) return this.#evict();
    if (settings.idleTimeoutMs > 0 && now - this.#messageAt >= settings.idleTimeoutMs) {
      this.#fail(CloseCode.policyViolation, "No message came for too long");
    }
  }

  #open(): void {
    if (this.#state !== "open") return;
    const { roster, counters, dispatcher } = this.#context;
    this.#deadline = NEVER;
    counters.accepted++;
    roster.opened(this);
    this.#isOpening = true;
    const opening = dispatcher.open(this);
    if (opening === undefined) this.#opened();
    else opening.then(() => this.#opened());
  }

  #opened(): void {
    this.#isOpening = false;
    this.#handOver();
    if (this.#ending !== null) this.#tellEnd();
  }

  #tellEnd(): void {
    const { loop, dispatcher } = this.#context;
    // Never from within a call of the application.
    loop.callSoon(() => dispatcher.close(this, this.#ending!));
  }

  #receive(data: string | ArrayBuffer): void {
    if (this.#state !== "open") return;
    const { loop, settings, counters } = this.#context;
    const message = typeof data === "string" ? data : new Uint8Array(data);
    const length = Buffer.byteLength(message);
    this.#messageAt = loop.now();
    counters.messagesReceived++;
    counters.bytesReceived += length;
    if (length > settings.maxMessageBytes) {
      return this.#break(CloseCode.messageTooBig, "A message is too long");
    }
    if (
      this.#byteRate?.take(length, this.#messageAt) === false ||
      this.#messageRate?.take(1, this.#messageAt) === false
    ) {
      return this.#break(CloseCode.policyViolation, "Too much was sent in a second");
    }
    if (!this.#paused && !this.#isOpening && this.#held.size === 0) {
      this.#context.dispatcher.message(this, message);
    } else if (!this.#held.push(message)) {
      this.#break(CloseCode.policyViolation, "Too much was sent while nothing was read");
    }
  }

  #handOver(): void {
    while (this.#held.size > 0 && !this.#paused && !this.#isOpening) {
      this.#context.dispatcher.message(this, this.#held.shift());
    }
  }

  #break(code: number, reason: string): void {
    this.#context.counters.failed++;
    this.#fail(code, reason);
  }

  #evict(): void {
    this.#context.counters.evicted++;
    this.#fail(this.#context.settings.evictionCode, "The peer reads too slowly");
  }

  #fail(code: number, reason: string): void {
    this.close(code, reason);
    this.#finish({ code, reason, wasClean: false });
  }

  #finish(close: CloseInfo): void {
    if (this.#state === "closed") return;
    const { roster, addresses } = this.#context;
    const wasOpen = this.#deadline === NEVER || this.#state === "closing";
    // The platform reports its own code as none when this side closed first.
    const code = this.#state === "closing" && close.code === CloseCode.noStatus
      ? this.#closeCode
      : close.code;
    this.#state = "closed";
    this.#closeCode = code;
    this.#held.clear();
    this.#detach();
    roster.closed(this);
    roster.delete(this);
    addresses.leave(this.#addressKey);
    if (!wasOpen) return;
    this.#ending = { ...close, code };
    if (!this.#isOpening) this.#tellEnd();
  }

  /** The platform may tell of the end twice, or never. */
  #detach(): void {
    this.#socket.onopen = null;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close();
  }
}
