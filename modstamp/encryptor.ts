/** Why an encryptor refused a packet. */
export type Refusal = "truncated" | "forged" | "stale" | "replayed" | "busy";

/** The outcome of decrypting a packet. */
export type Decrypted =
  | { ok: true; bytes: Uint8Array; start: number; end: number; session?: Uint8Array }
  | { ok: false; reason: Refusal };

/** A packet under way, with its header already read. */
export interface EncryptedBody {
  /** The memory that holds the packet. */
  bytes: Uint8Array;
  /** Where the packet starts. */
  start: number;
  /** Where the body starts, right after the header. */
  bodyStart: number;
  /** Where the packet ends. */
  end: number;
}

/**
 * Protects the bodies of packets. An encryptor keeps what it must know to
 * refuse replays, so each server and each client has one of its own.
 */
export interface Encryptor {
  /** First byte of the encryption information, as a character; empty for none. */
  readonly signature: string;
  /** The rest of the encryption information that it writes. */
  readonly keyId: string;
  /** Bytes that it adds to a body, the packet's header included. */
  readonly overheadBytes: number;
  /** Whether a packet with this signature is for it. */
  matches(signature: string): boolean;
  /** Takes the protection off. */
  decrypt(body: EncryptedBody): Decrypted;
  /**
   * Makes a whole packet, header included, of a body.
   *
   * @param body The body.
   * @param session The session of the peer's last packet, as {@linkcode decrypt} told it.
   */
  encrypt(body: Uint8Array, session?: Uint8Array): Uint8Array;
}

/**
 * No protection at all: signature `p` or none, replies always with none.
 *
 * @example A plain packet has an empty header
 * ```ts
 * import { PlainEncryptor } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new PlainEncryptor().encrypt(Uint8Array.of(1, 2)), Uint8Array.of(0, 1, 2));
 * ```
 */
export class PlainEncryptor implements Encryptor {
  /** Written as no signature. */
  readonly signature = "";
  /** Plain packets name no key. */
  readonly keyId = "";
  /** The length byte of the header. */
  readonly overheadBytes = 1;

  /** Whether the signature is `p` or empty. */
  matches(signature: string): boolean {
    return signature === "" || signature === "p";
  }

  /** Gives the body as it is. */
  decrypt({ bytes, bodyStart, end }: EncryptedBody): Decrypted {
    return { ok: true, bytes, start: bodyStart, end };
  }

  /** Puts the empty header before the body. */
  encrypt(body: Uint8Array): Uint8Array {
    const packet = new Uint8Array(1 + body.length);
    packet.set(body, 1);
    return packet;
  }
}
