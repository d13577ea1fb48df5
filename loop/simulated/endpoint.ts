import { writeSocketAddress } from "../peer_table.ts";

/** An IP address and port in the simulated network, in the forms that are needed often. */
export class Endpoint {
  /** The IP address, in the form that `formatIp` gives. */
  readonly ip: string;
  /** The port. */
  readonly port: number;
  /** Both as a `sockaddr_in6` of eight words. */
  readonly words: Uint32Array<ArrayBuffer> = new Uint32Array(8);
  /** Both as text, for maps. */
  readonly key: string;
  /** Both as a number that others are unlikely to share. */
  readonly digest: number;

  constructor(ip: string, port: number) {
    this.ip = ip;
    this.port = port;
    this.key = `${ip} ${port}`;
    writeSocketAddress(this.words, ip, port);
    this.digest = this.words.reduce((digest, word) => Math.imul(digest ^ word, 0x01000193), 0);
  }
}
