import type { StreamHandlers, StreamSocket } from "../../loop/mod.ts";
import { encodeAcceptance, encodeRefusal } from "../protocol/handshake_answer.ts";
import { type DeflateAgreement, negotiateDeflate } from "../protocol/deflate_negotiation.ts";
import { type Handshake, readHandshake } from "../protocol/handshake.ts";
import { MessageDeflater } from "../protocol/message_deflater.ts";
import { MessageInflater } from "../protocol/message_inflater.ts";
import { findHeadEnd, parseRequestHead, type Refusal } from "../protocol/request_head.ts";
import type { Verdict } from "./dispatcher.ts";
import { LoopConnection } from "./loop_connection.ts";
import { LoopRequest } from "./loop_request.ts";
import type { Guest } from "./roster.ts";
import type { ServerContext } from "./server_context.ts";

const NO_BYTES = new Uint8Array(0);

/** Options of {@linkcode PendingHandshake}. */
export interface PendingHandshakeOptions {
  stream: StreamSocket;
  context: ServerContext;
  /** Whether the stream is encrypted. */
  secure: boolean;
  /** What counts the address of the peer. */
  addressKey: string;
  /** Called when the handshake was accepted; the connection takes over. */
  onAccept: (connection: LoopConnection) => void;
}

/** A stream from its first byte to the answer of the handshake, or to its end when it is refused. */
export class PendingHandshake implements StreamHandlers, Guest {
  readonly #options: PendingHandshakeOptions;
  readonly #stream: StreamSocket;
  readonly #context: ServerContext;
  #bytes: Uint8Array<ArrayBuffer> = NO_BYTES;
  #isAnswered = false;
  #isRead = false;
  #deadline: number;

  /**
   * @param options See {@linkcode PendingHandshakeOptions}.
   */
  constructor(options: PendingHandshakeOptions) {
    const { loop, settings } = options.context;
    this.#options = options;
    this.#stream = options.stream;
    this.#context = options.context;
    this.#deadline = loop.now() + settings.handshakeTimeoutMs;
  }

  onData(chunk: Uint8Array<ArrayBuffer>): void {
    this.#context.counters.bytesReceived += chunk.length;
    if (this.#isAnswered) return;
    const before = this.#bytes.length;
    const bytes = new Uint8Array(before + chunk.length);
    bytes.set(this.#bytes);
    bytes.set(chunk, before);
    this.#bytes = bytes;
    const { maxHeadBytes, maxHeaderFields } = this.#context.settings;
    if (this.#isRead) {
      // What comes early is read, as it may be the end, but only to a limit.
      if (bytes.length > maxHeadBytes) this.#stream.pause();
      return;
    }
    const end = findHeadEnd(bytes, before);
    if (end > maxHeadBytes || (end < 0 && bytes.length > maxHeadBytes)) {
      return this.refuse(
        bytes.subarray(0, maxHeadBytes).includes(0x0a)
          ? { status: 431, body: "The head of the request is too long" }
          : { status: 414, body: "The request target is too long" },
      );
    }
    if (end < 0) return;
    this.#isRead = true;
    const head = parseRequestHead(bytes.subarray(0, end), { maxFields: maxHeaderFields });
    const handshake = "status" in head ? head : readHandshake(head, this.#options);
    this.#bytes = bytes.subarray(end);
    if ("status" in handshake) return this.refuse(handshake);
    return this.#decide(handshake);
  }

  onEnd(): void {
    this.#isAnswered = true;
    this.#stream.end();
  }

  onClose(): void {
    this.#isAnswered = true;
    this.#context.addresses.leave(this.#options.addressKey);
    this.#context.roster.delete(this);
  }

  tick(now: number): void {
    if (now < this.#deadline) return;
    if (this.#isAnswered) return this.terminate();
    this.refuse({ status: 408, body: "The handshake took too long" });
  }

  terminate(): void {
    this.#isAnswered = true;
    this.#stream.terminate();
  }

  /** Refuses the handshake; what still comes is dropped until the peer closes. */
  refuse(refusal: Refusal): void {
    const { loop, counters, settings } = this.#context;
    counters.refused++;
    this.#isAnswered = true;
    this.#bytes = NO_BYTES;
    this.#deadline = loop.now() + settings.closeTimeoutMs;
    this.#stream.write(encodeRefusal(refusal));
    this.#stream.end();
    this.#stream.resume();
  }

  #decide(handshake: Handshake): void {
    const request = new LoopRequest(handshake, this.#stream.remoteAddress);
    const verdict = this.#context.dispatcher.handshake(request);
    if (!(verdict instanceof Promise)) return this.#answer({ handshake, request, verdict });
    verdict.then((settled) => {
      if (this.#isAnswered) return;
      this.#stream.resume();
      this.#answer({ handshake, request, verdict: settled });
    });
  }

  #answer(answer: { handshake: Handshake; request: LoopRequest; verdict: Verdict }): void {
    const { handshake, request, verdict } = answer;
    const { status, headers, body, subprotocol } = verdict;
    if (status !== null) return this.refuse({ status, headers, body });
    this.#isAnswered = true;
    const { deflate } = this.#context.settings;
    const agreement = deflate && negotiateDeflate(handshake.extensions, deflate);
    const extensions = agreement?.answer ?? "";
    this.#stream.write(
      encodeAcceptance({ key: handshake.key, subprotocol, extensions, headers }),
    );
    this.#context.counters.accepted++;
    const connection = new LoopConnection({
      stream: this.#stream,
      context: this.#context,
      request,
      subprotocol,
      addressKey: this.#options.addressKey,
      ...this.#codecs(agreement),
    });
    this.#context.roster.add(connection);
    this.#context.roster.delete(this);
    this.#options.onAccept(connection);
    connection.open(this.#bytes);
  }

  #codecs(
    agreement: DeflateAgreement | null,
  ): { inflater: MessageInflater | null; deflater: MessageDeflater | null } {
    if (agreement === null) return { inflater: null, deflater: null };
    const { level, memLevel } = this.#context.settings.deflate!;
    return {
      inflater: new MessageInflater({
        windowBits: agreement.clientMaxWindowBits,
        noContextTakeover: agreement.clientNoContextTakeover,
      }),
      deflater: new MessageDeflater({
        windowBits: agreement.serverMaxWindowBits,
        noContextTakeover: agreement.serverNoContextTakeover,
        level,
        memLevel,
      }),
    };
  }
}
