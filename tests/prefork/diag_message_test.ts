import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  AF_INET,
  AF_INET6,
  decodeReply,
  encodeListRequest,
  encodeLookup,
} from "../../prefork/linux/diag_message.ts";

function hex(bytes: Uint8Array): string {
  return bytes.toHex();
}

Deno.test("encodeListRequest() asks for listening TCP sockets of a family", () => {
  assertEquals(
    hex(encodeListRequest(AF_INET6)),
    "48000000" + "1400" + "0103" + "0000000000000000" + "0a060000" + "00040000" +
      "00".repeat(40) + "ffffffffffffffff",
  );
});

Deno.test("encodeLookup() asks by local and remote address and port", () => {
  const lookup = {
    family: AF_INET,
    address: Uint8Array.of(192, 0, 2, 1),
    port: 8000,
    remoteAddress: Uint8Array.of(192, 0, 2, 9),
    remotePort: 1,
  };
  assertEquals(
    hex(encodeLookup(lookup)),
    "48000000" + "1400" + "0100" + "0000000000000000" + "02060000" + "ffffffff" + "1f40" + "0001" +
      "c0000201" + "00".repeat(12) + "c0000209" + "00".repeat(12) + "00000000" + "ffffffffffffffff",
  );
});

/** A reply that names one socket. */
function socketMessage(inode: number): Uint8Array {
  const bytes = new Uint8Array(88);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 88, true);
  view.setUint16(4, 20, true);
  bytes[16] = AF_INET;
  view.setUint16(20, 8000);
  bytes.set([127, 0, 0, 1], 24);
  view.setUint32(72, 5, true);
  view.setUint32(84, inode, true);
  return bytes;
}

Deno.test("decodeReply() reads sockets until the last one", () => {
  const done = new Uint8Array(20);
  done[0] = 20;
  done[4] = 3;
  const bytes = Uint8Array.of(...socketMessage(77), ...socketMessage(78), ...done);
  const { sockets, more, error } = decodeReply(bytes);
  assertEquals([more, error], [false, 0]);
  assertEquals(sockets.map(({ inode, port, backlog }) => [inode, port, backlog]), [
    [77, 8000, 5],
    [78, 8000, 5],
  ]);
  assertEquals(sockets[0].address, Uint8Array.of(127, 0, 0, 1, ...new Uint8Array(12)));
  assertEquals(decodeReply(socketMessage(1).slice()).more, true);
});

Deno.test("decodeReply() reads errors, and survives anything", () => {
  const refused = new Uint8Array(36);
  refused[0] = 36;
  refused[4] = 2;
  new DataView(refused.buffer).setInt32(16, -2, true);
  assertEquals(decodeReply(refused), { sockets: [], more: false, error: 2 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    decodeReply(bytes.slice());
  }));
});
