/** Address families. */
export const AF_INET = 2;
/** Address families. */
export const AF_INET6 = 10;

/** A listening socket, as the kernel's socket monitor names it. */
export interface ListeningSocket {
  /** {@linkcode AF_INET} or {@linkcode AF_INET6}. */
  readonly family: number;
  /** The address it is bound to: 16 bytes, of which IPv4 uses the first four. */
  readonly address: Uint8Array<ArrayBuffer>;
  /** The port it is bound to. */
  readonly port: number;
  /** Its number in the file system of sockets. */
  readonly inode: number;
  /** Connections that wait to be accepted. */
  readonly backlog: number;
}

/** Who would get a connection from `remotePort` to a local address and port. */
export interface LookupRequest {
  /** {@linkcode AF_INET} or {@linkcode AF_INET6}. */
  readonly family: number;
  /** The local address, as in {@linkcode ListeningSocket}. */
  readonly address: Uint8Array;
  /** The local port. */
  readonly port: number;
  /** The address of the peer. */
  readonly remoteAddress: Uint8Array;
  /** The port of the peer. */
  readonly remotePort: number;
}

/** linux/sock_diag.h and linux/netlink.h. */
const SOCK_DIAG_BY_FAMILY = 20;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 1;
const NLM_F_DUMP = 0x300;
const TCP = 6;
const LISTEN = 10;
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;
const ANY_STATE = 0xffffffff;

function request(family: number, flags: number, states: number): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(REQUEST_BYTES));
  view.setUint32(0, REQUEST_BYTES, true);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
  view.setUint16(6, NLM_F_REQUEST | flags, true);
  view.setUint8(HEADER_BYTES, family);
  view.setUint8(HEADER_BYTES + 1, TCP);
  view.setUint32(HEADER_BYTES + 4, states, true);
  // No cookie: any socket with these addresses.
  view.setUint32(HEADER_BYTES + 48, 0xffffffff, true);
  view.setUint32(HEADER_BYTES + 52, 0xffffffff, true);
  return view;
}

/** Asks for all listening sockets of a family. */
export function encodeListRequest(family: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(request(family, NLM_F_DUMP, 1 << LISTEN).buffer);
}

/** Asks which socket the kernel would choose by the hash of the addresses. */
export function encodeLookup(lookup: LookupRequest): Uint8Array<ArrayBuffer> {
  const view = request(lookup.family, 0, ANY_STATE);
  const bytes = new Uint8Array(view.buffer);
  view.setUint16(HEADER_BYTES + 8, lookup.port);
  view.setUint16(HEADER_BYTES + 10, lookup.remotePort);
  bytes.set(lookup.address, HEADER_BYTES + 12);
  bytes.set(lookup.remoteAddress, HEADER_BYTES + 28);
  return bytes;
}

/** What one reply of the kernel holds. */
export interface DiagReply {
  /** The sockets it names. */
  readonly sockets: readonly ListeningSocket[];
  /** Whether more replies follow. */
  readonly more: boolean;
  /** The number of the error it reports, or 0. */
  readonly error: number;
}

/** Reads a reply. */
export function decodeReply(bytes: Uint8Array<ArrayBuffer>): DiagReply {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const sockets: ListeningSocket[] = [];
  let more = true;
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const length = view.getUint32(at, true);
    const type = view.getUint16(at + 4, true);
    if (length < HEADER_BYTES || at + length > bytes.length) break;
    if (type === NLMSG_ERROR) {
      return { sockets, more: false, error: -view.getInt32(at + HEADER_BYTES, true) };
    }
    if (type === NLMSG_DONE) more = false;
    if (type === SOCK_DIAG_BY_FAMILY) sockets.push(decodeSocket(view, at + HEADER_BYTES));
    at += (length + 3) & ~3;
  }
  return { sockets, more, error: 0 };
}

function decodeSocket(view: DataView<ArrayBuffer>, at: number): ListeningSocket {
  const start = view.byteOffset + at + 8;
  return {
    family: view.getUint8(at),
    address: new Uint8Array(view.buffer.slice(start, start + 16)),
    port: view.getUint16(at + 4),
    inode: view.getUint32(at + 68, true),
    backlog: view.getUint32(at + 56, true),
  };
}
