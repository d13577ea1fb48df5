import {
  type DatagramBatch,
  type DatagramSocket,
  type EventLoop,
  type IpRange,
  parseIp,
} from "../loop/mod.ts";
import { type Encryptor, PlainEncryptor } from "./encryptor.ts";
import { decodeMessages, encodeMessages, type Message } from "./message.ts";
import { decodeHeader } from "./packet.ts";
import { makeEncryptor } from "./_profile_matcher.ts";
import type { SecurityProfile } from "./security_profile.ts";

/** Options of {@linkcode Channel}. */
export interface ChannelOptions {
  /** The loop. */
  loop: EventLoop;
  /** The server's host. */
  hostname: string;
  /** The server's port. */
  port: number;
  /** How to protect packets; plain when missing. */
  profile?: SecurityProfile;
  /** Most bytes of a packet. */
  packetBytes: number;
  /** Called with each message of the server. */
  onMessage: (message: Message) => void;
  /** Called when the socket is lost. */
  onError: (error: unknown) => void;
}

/**
 * A client's way to a server: resolves its name, tries its addresses in turn
 * until one answers, and after a change of networks starts over.
 */
export class Channel {
  readonly #options: ChannelOptions;
  #socket: DatagramSocket | null = null;
  #encryptor: Encryptor = new PlainEncryptor();
  #targets: number[] = [];
  #current = 0;
  #answered = false;
  #opening: Promise<void> | null = null;
  #renewing: Promise<void> | null = null;
  #closed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /**
   * Opens the channel; does nothing when it is open.
   *
   * @throws {Error} When the host is not known or no socket can be bound.
   */
  open(): Promise<void> {
    return this.#opening ??= this.#open().catch((error) => {
      this.#opening = null;
      throw error;
    });
  }

  /** Sends messages to the server; what does not fit into the outbox is lost. */
  send(messages: Iterable<Message>): void {
    const socket = this.#socket;
    if (socket === null || this.#targets.length === 0) return;
    const maxBytes = this.#options.packetBytes - this.#encryptor.overheadBytes;
    for (const body of encodeMessages(messages, { maxBytes })) {
      socket.send(this.#targets[this.#current], this.#encryptor.encrypt(body));
    }
  }

  /** Tries the server's next address, unless this one has answered. */
  rotate(): void {
    if (!this.#answered && this.#targets.length > 0) {
      this.#current = (this.#current + 1) % this.#targets.length;
    }
  }

  /** Resolves the server's name again and binds a fresh socket; once when asked several times. */
  renew(): Promise<void> {
    return this.#renewing ??= this.#renew().finally(() => this.#renewing = null);
  }

  /** Sends what is queued and closes the socket. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => undefined);
    await this.#socket?.[Symbol.asyncDispose]();
    this.#socket = null;
  }

  async #renew(): Promise<void> {
    await this.#opening;
    this.#opening = null;
    await this.open();
  }

  async #open(): Promise<void> {
    const { loop, hostname, port, profile, onError } = this.#options;
    const addresses = await loop.resolve(hostname);
    const socket = await loop.bindDatagram({
      onBatch: (batch, from) => this.#receive(batch, from),
      onError,
    });
    if (this.#closed) return socket.close();
    await this.#socket?.[Symbol.asyncDispose]();
    this.#socket = socket;
    this.#answered = false;
    this.#current = 0;
    this.#targets = addresses.map((address) => {
      const peer = socket.peers.internAddress(address, port);
      socket.peers.retain(peer);
      return peer;
    });
    const [ip] = addresses.map((address) => parseIp(address.split("%")[0]));
    const entry = profile?.entries.find(({ hosts }) =>
      hosts === undefined || hosts.some((range: IpRange) => ip !== null && range.contains(ip))
    );
    this.#encryptor = entry === undefined
      ? new PlainEncryptor()
      : makeEncryptor(entry, { side: "client", clock: loop.clock, random: loop.random });
  }

  #receive(batch: DatagramBatch, from: DatagramSocket): void {
    if (from !== this.#socket) return;
    for (let i = 0; i < batch.count; i++) {
      const target = this.#targets.indexOf(batch.peer(i));
      if (target < 0) continue;
      const messages = this.#decode(batch.bytes.subarray(batch.start(i), batch.end(i)));
      if (messages === null) continue;
      this.#answered = true;
      this.#current = target;
      for (const message of messages) this.#options.onMessage(message);
    }
  }

  #decode(packet: Uint8Array): Message[] | null {
    const header = decodeHeader(packet);
    if (header === null || !this.#encryptor.matches(header.signature)) return null;
    const body = this.#encryptor.decrypt({
      bytes: packet,
      start: 0,
      bodyStart: header.bodyStart,
      end: packet.length,
    });
    if (!body.ok) return null;
    const decoded = decodeMessages(body.bytes.subarray(body.start, body.end));
    return decoded.ok ? decoded.messages : null;
  }
}
