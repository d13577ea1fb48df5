import { IpRange, parseIp, type StreamAddress } from "../../loop/mod.ts";
import type { Application } from "../application.ts";
import { Component } from "../component.ts";
import type { HandshakeAnswer, HandshakeRequest } from "../handshake_request.ts";

/** Options of {@linkcode IpBlocklist}. */
export interface IpBlocklistOptions {
  /**
   * Addresses and ranges (`203.0.113.7`, `2001:db8::/32`) that may not connect.
   *
   * @default {none}
   */
  blocked?: readonly string[];
  /**
   * Most addresses and ranges.
   *
   * @default {65_536}
   */
  maxRanges?: number;
}

/**
 * Refuses clients by their address, with 403. Connections that are open stay
 * open.
 *
 * @example Block a network
 * ```ts
 * import { IpBlocklist, WsServer } from "@sluice/sluice/websocket";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const list = new IpBlocklist({ onMessage() {} }, { blocked: ["203.0.113.0/24"] });
 * new WsServer(list);
 * assert(list.isBlocked("203.0.113.7"));
 * list.unblock("203.0.113.0/24");
 * assertFalse(list.isBlocked("203.0.113.7"));
 * ```
 */
export class IpBlocklist extends Component {
  readonly #ranges = new Map<string, IpRange>();
  readonly #maxRanges: number;

  /**
   * Wraps an application.
   *
   * @param inner What it wraps.
   * @param options See {@linkcode IpBlocklistOptions}.
   * @throws {TypeError} When `inner` can't stand there.
   * @throws {SyntaxError} When a range is malformed.
   * @throws {RangeError} When there are too many ranges.
   */
  constructor(inner: Application, options: IpBlocklistOptions = {}) {
    super(inner);
    this.#maxRanges = options.maxRanges ?? 65_536;
    for (const each of options.blocked ?? []) this.block(each);
  }

  /** The addresses and ranges that are blocked. */
  get blocked(): readonly string[] {
    return [...this.#ranges.keys()];
  }

  /**
   * Blocks an address or range.
   *
   * @throws {SyntaxError} When it is malformed.
   * @throws {RangeError} When there are too many.
   */
  block(range: string): void {
    const parsed = IpRange.parse(range);
    if (parsed === null) throw new SyntaxError(`Cannot block ${range} as it is no IP range`);
    if (this.#ranges.size >= this.#maxRanges && !this.#ranges.has(range)) {
      throw new RangeError(`Cannot block ${range} as ${this.#maxRanges} ranges are blocked`);
    }
    this.#ranges.set(range, parsed);
  }

  /**
   * Blocks an address or range no longer; it must be written as it was blocked.
   *
   * @returns Whether it was blocked.
   */
  unblock(range: string): boolean {
    return this.#ranges.delete(range);
  }

  /** Whether clients at an IP address are refused. */
  isBlocked(address: string): boolean {
    const ip = parseIp(address.split("%")[0]);
    if (ip === null) return false;
    for (const range of this.#ranges.values()) if (range.contains(ip)) return true;
    return false;
  }

  /** Refuses clients that are blocked. */
  override onHandshake(
    request: HandshakeRequest,
  ): HandshakeAnswer | void | Promise<HandshakeAnswer | void> {
    if (!this.#refuses(request.remoteAddress)) return super.onHandshake(request);
    return { status: 403, body: "This address may not connect" };
  }

  #refuses(address: StreamAddress | null): boolean {
    return address !== null && "hostname" in address && this.isBlocked(address.hostname);
  }
}
