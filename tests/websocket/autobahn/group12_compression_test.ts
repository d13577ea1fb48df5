import { echoesCompressed, SIZES } from "./compression_case.ts";

const encoder = new TextEncoder();

const KINDS: Record<string, { opcode: 1 | 2; data: (length: number, turn: number) => Uint8Array }> =
  {
    "12.1": { opcode: 1, data: json },
    "12.2": { opcode: 2, data: noise },
    "12.3": { opcode: 1, data: prose },
    "12.4": { opcode: 1, data: cyrillic },
    "12.5": { opcode: 2, data: picture },
  };

function json(length: number, turn: number): Uint8Array {
  let text = "[";
  for (let i = turn; text.length < length; i++) {
    text += JSON.stringify({ id: i, name: `name ${i % 17}`, values: [i * i, i / 3, null] });
  }
  return encoder.encode(text.slice(0, length));
}

function noise(length: number, turn: number): Uint8Array {
  let state = turn + 1;
  return new Uint8Array(length).map(() =>
    (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) >> 16
  );
}

function prose(length: number, turn: number): Uint8Array {
  const words = ["the", "kernel", "already", "buffers", "balances", "and", "wakes", "sockets"];
  let text = "";
  for (let i = turn; text.length < length; i = i * 31 + 7 & 0xffff) text += `${words[i % 8]} `;
  return encoder.encode(text.slice(0, length));
}

function cyrillic(length: number, turn: number): Uint8Array {
  let text = "";
  for (let i = turn; text.length * 2 < length; i++) text += String.fromCharCode(0x430 + i * i % 32);
  return encoder.encode(text);
}

function picture(length: number, turn: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => (i >> 4) + turn + (i * i >> 7) & 0xf0);
}

for (const [group, { opcode, data }] of Object.entries(KINDS)) {
  for (const [i, size] of SIZES.entries()) {
    echoesCompressed(`${group}.${i + 1}`, {
      opcode,
      data,
      size,
      offer: "permessage-deflate",
      policy: { serverNoContextTakeover: false, clientNoContextTakeover: false },
    });
  }
}
