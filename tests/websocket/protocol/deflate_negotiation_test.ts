import { assertEquals } from "@std/assert";
import {
  type DeflatePolicy,
  negotiateDeflate,
} from "../../../websocket/protocol/deflate_negotiation.ts";
import { parseExtensions } from "../../../websocket/protocol/extensions.ts";

const OPEN: DeflatePolicy = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

function answer(offer: string, policy: Partial<DeflatePolicy> = {}): string | null {
  return negotiateDeflate(parseExtensions(offer)!, { ...OPEN, ...policy })?.answer ?? null;
}

const NAME = "permessage-deflate";

const CASES: [
  what: string,
  offer: string,
  policy: Partial<DeflatePolicy>,
  answer: string | null,
][] = [
  ["nothing is asked for", NAME, {}, NAME],
  ["the name is in capitals", "Permessage-Deflate", {}, NAME],
  ["another extension is offered", "x-webkit-deflate-frame", {}, null],
  ["the client may be told a window", `${NAME}; client_max_window_bits`, {}, NAME],
  [
    "the server wants a smaller window of the client",
    `${NAME}; client_max_window_bits`,
    { clientMaxWindowBits: 10 },
    `${NAME}; client_max_window_bits=10`,
  ],
  ["the client can't be told so", NAME, { clientMaxWindowBits: 10 }, null],
  [
    "the client has a smaller window itself",
    `${NAME}; client_max_window_bits=9`,
    { clientMaxWindowBits: 10 },
    `${NAME}; client_max_window_bits=9`,
  ],
  [
    "the client wants a smaller window of the server",
    `${NAME}; server_max_window_bits=8`,
    {},
    `${NAME}; server_max_window_bits=8`,
  ],
  [
    "the server's own window is smaller still",
    `${NAME}; server_max_window_bits=12`,
    { serverMaxWindowBits: 9 },
    `${NAME}; server_max_window_bits=9`,
  ],
  [
    "only the server wants a smaller window",
    NAME,
    { serverMaxWindowBits: 9 },
    `${NAME}; server_max_window_bits=9`,
  ],
  [
    "the client wants no takeover",
    `${NAME}; server_no_context_takeover; client_no_context_takeover`,
    {},
    `${NAME}; server_no_context_takeover; client_no_context_takeover`,
  ],
  [
    "the server wants no takeover",
    NAME,
    { serverNoContextTakeover: true, clientNoContextTakeover: true },
    `${NAME}; server_no_context_takeover; client_no_context_takeover`,
  ],
  [
    "a value is quoted",
    `${NAME}; server_max_window_bits="10"`,
    {},
    `${NAME}; server_max_window_bits=10`,
  ],
  ["the window is too small", `${NAME}; server_max_window_bits=7`, {}, null],
  ["the window is too large", `${NAME}; server_max_window_bits=16`, {}, null],
  ["the window has a leading zero", `${NAME}; server_max_window_bits=09`, {}, null],
  ["the window is missing", `${NAME}; server_max_window_bits`, {}, null],
  ["a flag has a value", `${NAME}; server_no_context_takeover=1`, {}, null],
  ["a parameter is unknown", `${NAME}; x`, {}, null],
  ["a parameter occurs twice", `${NAME}; client_max_window_bits; client_max_window_bits`, {}, null],
  ["the first offer is unusable", `${NAME}; x, ${NAME}`, {}, NAME],
  [
    "the first offer suits",
    `${NAME}; server_max_window_bits=9, ${NAME}`,
    {},
    `${NAME}; server_max_window_bits=9`,
  ],
];

for (const [what, offer, policy, expected] of CASES) {
  Deno.test(`negotiateDeflate() answers ${expected === null ? "nothing" : "so"} when ${what}`, () => {
    assertEquals(answer(offer, policy), expected);
  });
}
