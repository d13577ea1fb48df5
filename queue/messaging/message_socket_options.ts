import type { EventLoop } from "../../loop/mod.ts";

/** Options that all message sockets share. */
export interface MessageSocketOptions {
  /**
   * The loop it runs on.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * The longest message in bytes, either way. A connection that brings a longer one is broken.
   *
   * @default {16_777_216}
   */
  maxMessageBytes?: number;
  /**
   * How many messages may wait: to be sent, where there is no connection with room, or to be
   * pulled. A connection has room for at least one message and about 64 KiB.
   *
   * @default {1_000}
   */
  highWaterMark?: number;
  /**
   * Told of what goes wrong and concerns no single message, such as a listener that is lost.
   *
   * @default {throws it on the loop, so that the loop's onError has it}
   */
  onError?: (error: unknown) => void;
}

/** Where a message socket listens. */
export interface BindOptions {
  /**
   * The interface to listen on.
   *
   * @default {"127.0.0.1"}
   */
  hostname?: string;
  /**
   * The port to listen on; 0 lets the system choose.
   *
   * @default {0}
   */
  port?: number;
  /** Path of a unix socket to listen on instead of a port. */
  path?: string;
  /**
   * Who may connect: addresses and ranges (CIDR).
   *
   * @default {this machine}
   */
  allow?: readonly string[];
  /**
   * Most connections at a time; further ones wait.
   *
   * @default {1_000}
   */
  maxConnections?: number;
}

/** Where another message socket listens. */
export interface MessagePlace {
  /**
   * Its host.
   *
   * @default {"localhost"}
   */
  hostname?: string;
  /** Its port. */
  port?: number;
  /** Path of its unix socket, instead of a port. */
  path?: string;
}

/** What a message socket has counted. */
export interface MessageSocketStats {
  /** Connections that are open now. */
  connections: number;
  /** Connections refused, as their address isn't let in. */
  refused: number;
  /** Connections broken, as what came is no message, or one that nobody asked for. */
  faults: number;
  /** Attempts to connect that have failed. */
  failedAttempts: number;
}
