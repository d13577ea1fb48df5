import { echoesCompressed, SIZES } from "./compression_case.ts";

const OFFERS: Record<string, string> = {
  "13.1": "permessage-deflate; client_max_window_bits",
  "13.2": "permessage-deflate; client_max_window_bits; server_no_context_takeover",
  "13.3": "permessage-deflate; client_max_window_bits; server_max_window_bits=9",
  "13.4": "permessage-deflate; client_max_window_bits; server_max_window_bits=15",
  "13.5":
    "permessage-deflate; client_max_window_bits; server_no_context_takeover; server_max_window_bits=9",
  "13.6":
    "permessage-deflate; client_max_window_bits; server_no_context_takeover; server_max_window_bits=15",
  "13.7": "permessage-deflate; server_no_context_takeover; server_max_window_bits=9, " +
    "permessage-deflate; server_no_context_takeover, permessage-deflate",
};

const POLICIES = [
  {},
  { serverNoContextTakeover: false, clientNoContextTakeover: false, serverMaxWindowBits: 8 },
];

function lines(length: number, turn: number): Uint8Array {
  let text = "";
  for (let i = 0; text.length < length; i++) text += `${turn}:${i * 7919 % 1009} `;
  return new TextEncoder().encode(text.slice(0, length));
}

for (const [group, offer] of Object.entries(OFFERS)) {
  for (const [i, size] of SIZES.entries()) {
    for (const [p, policy] of POLICIES.entries()) {
      echoesCompressed(`${group}.${i + 1} under policy ${p}`, {
        opcode: 1,
        data: lines,
        size,
        offer,
        policy,
      });
    }
  }
}
