import type { EventLoop } from "../../../loop/mod.ts";

/** What only some pollers have; a test that needs it is left out for the others. */
export type PollerFeature =
  /** Stream sockets on paths. */
  | "unix"
  /** These paths are files. */
  | "files"
  /** Datagrams are lost only where a buffer is full. */
  | "lossless"
  /** TLS. */
  | "tls"
  /** `terminate()` is always seen as a reset by the peer. */
  | "reset"
  /** An address where connecting is never answered. */
  | "silence"
  /** Time passes as fast as it can. */
  | "virtual-time"
  /** The loopback addresses of IPv6 and IPv4. */
  | "loopback";

/** Two loops on one kind of poller that can reach each other. */
export interface PollerWorld extends AsyncDisposable {
  /** The loop of those who listen. */
  readonly server: EventLoop;
  /** The loop of those who connect. */
  readonly client: EventLoop;
  /** The IP address at which the client reaches the server. */
  readonly serverHost: string;
  /** What the loops reported; checked to be empty in the end unless it was taken out. */
  readonly errors: unknown[];
  /** A path for a unix socket. */
  unixPath(): string;
  /** Where connecting is never answered. */
  silentAddress(): Promise<{ hostname: string; port: number }>;
}

/** A poller under test. */
export interface PollerSubject {
  /** Its name. */
  readonly name: string;
  /** What it has. */
  readonly features: readonly PollerFeature[];
  /** Makes a world for one test. */
  open(): PollerWorld;
}
