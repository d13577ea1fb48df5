import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { Clock, RandomSource } from "../loop/mod.ts";
import type { Decrypted, EncryptedBody, Encryptor, Refusal } from "./encryptor.ts";
import { encodeHeader, isKeyId, MAX_KEY_ID } from "./packet.ts";
import { ReplayWindow } from "./replay_window.ts";

const CIPHER = "aes-256-gcm";
const SALT_BYTES = 16;
/** Sequence number and time, six bytes each: together the nonce. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TIME_AT = 6;

/** Options of {@linkcode AesEncryptor}. */
export interface AesEncryptorOptions {
  /** The pre-shared key, 32 bytes. */
  key: Uint8Array;
  /**
   * Names the key in packets; at most 200 Latin-1 characters.
   *
   * @default {""}
   */
  keyId?: string;
  /** Which side this is: what one side sends, only the other accepts. */
  side: "server" | "client";
  /** The loop's clock. */
  clock: Clock;
  /** The loop's random source. */
  random: RandomSource;
  /**
   * How far the sender's wall clock may be off, in milliseconds. Older packets
   * are refused, as a replay could not be told from them.
   *
   * @default {300_000}
   */
  clockToleranceMs?: number;
  /**
   * Most senders whose sequence numbers are remembered. When all of them are
   * recent, further senders are refused.
   *
   * @default {65_536}
   */
  maxSenders?: number;
}

interface Sender {
  key: Uint8Array;
  window: ReplayWindow;
  lastMs: number;
}

/**
 * AES-256-GCM with a pre-shared key (NIST SP 800-38D). Each process encrypts
 * under a key of its own, derived from the shared one with a random salt
 * (HKDF, RFC 5869), so that nonces never meet. The time in the nonce bounds
 * how long a server has to remember senders; within that time the sequence
 * number refuses replays. Packets from before the server started are refused
 * too, as it can't know whether they were seen; those of a client whose clock is
 * ahead may pass once more after a restart, for as long as it is ahead. What a
 * server sends is bound to the session (the salt) of the client that it is for.
 *
 * Packet: header (`a` and the key's id), salt (16 bytes), sequence number (6),
 * time in milliseconds (6), ciphertext, tag (16). Header and salt are
 * authenticated, and after them, unsent, the client's salt in a server's packet.
 *
 * @example A packet passes once
 * ```ts
 * import { SeededRandom, SystemClock } from "@sluice/sluice/loop";
 * import { AesEncryptor } from "@sluice/sluice/modstamp";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const shared = { key: new Uint8Array(32), clock: new SystemClock() };
 * const client = new AesEncryptor({ ...shared, side: "client", random: new SeededRandom(1) });
 * const server = new AesEncryptor({ ...shared, side: "server", random: new SeededRandom(2) });
 * const bytes = client.encrypt(new TextEncoder().encode("secret"));
 * const packet = { bytes, start: 0, bodyStart: 1 + bytes[0], end: bytes.length };
 * assert(server.decrypt(packet).ok);
 * assertFalse(server.decrypt(packet).ok);
 * ```
 */
export class AesEncryptor implements Encryptor {
  /** The letter of this encryptor. */
  readonly signature = "a";
  /** Names the key. */
  readonly keyId: string;
  /** Bytes added to a body. */
  readonly overheadBytes: number;
  readonly #options: AesEncryptorOptions;
  readonly #toleranceMs: number;
  readonly #startedMs: number;
  readonly #salt: Uint8Array;
  readonly #head: Uint8Array;
  readonly #key: Uint8Array;
  readonly #senders = new Map<string, Sender>();
  #sequence = 0;

  /**
   * Makes an aes encryptor.
   *
   * @param options See {@linkcode AesEncryptorOptions}.
   * @throws {RangeError} When the key has not 32 bytes or its id is too long.
   */
  constructor(options: AesEncryptorOptions) {
    const { keyId = "" } = options;
    if (options.key.length !== 32) {
      throw new RangeError(
        `Cannot use AES-256 key as it has ${options.key.length} bytes: 32 are needed`,
      );
    }
    if (!isKeyId(keyId)) {
      throw new RangeError(`Cannot use key id as it is not 0 to ${MAX_KEY_ID} Latin-1 characters`);
    }
    this.keyId = keyId;
    this.#options = options;
    this.#toleranceMs = options.clockToleranceMs ?? 300_000;
    this.#startedMs = options.clock.wallMs();
    this.#salt = options.random.bytes(SALT_BYTES);
    this.#head = Uint8Array.from([...encodeHeader(this.signature, keyId), ...this.#salt]);
    this.#key = this.#derive(this.#salt, options.side);
    this.overheadBytes = this.#head.length + NONCE_BYTES + TAG_BYTES;
  }

  /** Whether the signature is `a`. */
  matches(signature: string): boolean {
    return signature === this.signature;
  }

  /** Checks and decrypts a packet of the other side. */
  decrypt({ bytes, start, bodyStart, end }: EncryptedBody): Decrypted {
    const nonceStart = bodyStart + SALT_BYTES;
    const textStart = nonceStart + NONCE_BYTES;
    const textEnd = end - TAG_BYTES;
    if (textEnd < textStart) return refuse("truncated");
    const nonce = bytes.subarray(nonceStart, textStart);
    const nowMs = this.#options.clock.wallMs();
    if (this.#options.side === "server" && !this.#isFresh(readUint48(nonce, TIME_AT), nowMs)) {
      return refuse("stale");
    }
    const salt = bytes.subarray(bodyStart, nonceStart);
    const name = String.fromCharCode(...salt);
    const known = this.#senders.get(name);
    const key = known?.key ?? this.#derive(salt, this.#otherSide());
    const decipher = createDecipheriv(CIPHER, key, nonce);
    decipher.setAAD(this.#bound(bytes.subarray(start, nonceStart), this.#ownSession()));
    decipher.setAuthTag(bytes.subarray(textEnd, end));
    const text = decipher.update(bytes.subarray(textStart, textEnd));
    try {
      decipher.final();
    } catch {
      return refuse("forged");
    }
    const sender = this.#touch(name, known ?? { key, window: new ReplayWindow(), lastMs: nowMs });
    if (sender === null) return refuse("busy");
    if (!sender.window.accept(readUint48(nonce, 0))) return refuse("replayed");
    sender.lastMs = nowMs;
    // Not as the Buffer it is, whose slice() would not copy.
    const body = new Uint8Array(text.buffer, text.byteOffset, text.length);
    return { ok: true, bytes: body, start: 0, end: body.length, session: Uint8Array.from(salt) };
  }

  /** Encrypts a body for the other side; a server's for one session of a client. */
  encrypt(body: Uint8Array, session?: Uint8Array): Uint8Array {
    const packet = new Uint8Array(this.overheadBytes + body.length);
    packet.set(this.#head);
    const nonceStart = this.#head.length;
    const nonce = packet.subarray(nonceStart, nonceStart + NONCE_BYTES);
    writeUint48(nonce, 0, this.#sequence++);
    writeUint48(nonce, TIME_AT, this.#options.clock.wallMs());
    const cipher = createCipheriv(CIPHER, this.#key, nonce);
    cipher.setAAD(this.#bound(this.#head, session));
    packet.set(cipher.update(body), nonceStart + NONCE_BYTES);
    cipher.final();
    packet.set(cipher.getAuthTag(), packet.length - TAG_BYTES);
    return packet;
  }

  #derive(salt: Uint8Array, side: string): Uint8Array {
    return new Uint8Array(hkdfSync("sha256", this.#options.key, salt, `modstamp ${side}`, 32));
  }

  #otherSide(): string {
    return this.#options.side === "server" ? "client" : "server";
  }

  #isFresh(timeMs: number, nowMs: number): boolean {
    return timeMs >= this.#startedMs && Math.abs(nowMs - timeMs) <= this.#toleranceMs;
  }

  // A server's packet is bound to the client's session, so that a client needs
  // no clock to refuse what was meant for an earlier one.
  #ownSession(): Uint8Array | undefined {
    return this.#options.side === "client" ? this.#salt : undefined;
  }

  #bound(head: Uint8Array, session: Uint8Array | undefined): Uint8Array {
    return session === undefined ? head : Uint8Array.from([...head, ...session]);
  }

  // The map is kept in order of use.
  #touch(name: string, sender: Sender): Sender | null {
    const known = this.#senders.delete(name);
    if (this.#options.side === "server") this.#forgetStale(sender.lastMs);
    if (!known && this.#senders.size >= (this.#options.maxSenders ?? 65_536)) return null;
    this.#senders.set(name, sender);
    return sender;
  }

  // A server refuses their packets as stale. A client looks at no time, so it has
  // to remember each server of its session, of which there are few.
  #forgetStale(nowMs: number): void {
    for (const [oldest, { lastMs }] of this.#senders) {
      if (nowMs - lastMs <= 2 * this.#toleranceMs) return;
      this.#senders.delete(oldest);
    }
  }
}

function refuse(reason: Refusal): Decrypted {
  return { ok: false, reason };
}

function readUint48(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 6; i++) value = value * 256 + bytes[i];
  return value;
}

function writeUint48(bytes: Uint8Array, at: number, value: number): void {
  let rest = Math.floor(value);
  for (let i = at + 5; i >= at; i--, rest = Math.floor(rest / 256)) bytes[i] = rest;
}
