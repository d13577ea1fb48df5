/** What runs outside of Deno too; bundled, and run under Node and in a browser. */

import { decodeHeader, decodeMessages, encodeHeader } from "../../modstamp/codec.ts";
import { encodeMessages } from "../../modstamp/codec.ts";
import { decode, encode, JobLineDecoder, type SessionHandler } from "../../php/mod.ts";
import { ReconnectingClient } from "../../websocket/client.ts";
import {
  JsonSessionCodec,
  PhpSessionCodec,
  type SessionCodec,
} from "../../websocket/session/codec.ts";
import modstamp from "../vectors/modstamp.json" with { type: "json" };
import phpJobs from "../vectors/php-jobs.json" with { type: "json" };
import sessions from "../vectors/sessions.json" with { type: "json" };

const utf8 = new TextEncoder();

/** What one check has found: equal texts when all is well. */
interface Finding {
  name: string;
  actual: string;
  expected: string;
}

/** How many checks have been made, and those that failed. */
export interface Report {
  checks: number;
  failed: Finding[];
}

/**
 * Checks everything.
 *
 * @param url A server of `Topics` that lets everybody publish.
 */
export async function check(url: string): Promise<Report> {
  const findings = [...packets(), ...jobs(), ...phpSessions(), ...expressSessions()];
  findings.push({ name: "client", actual: await firstNews(url), expected: "hello" });
  return {
    checks: findings.length,
    failed: findings.filter(({ actual, expected }) => actual !== expected),
  };
}

function* packets(): Generator<Finding> {
  for (const { replies } of modstamp.steps) {
    for (const { hex } of replies) {
      const packet = fromHex(hex);
      const header = decodeHeader(packet)!;
      const result = decodeMessages(packet.subarray(header.bodyStart));
      const bodies = result.ok ? encodeMessages(result.messages) : [];
      const parts = [encodeHeader(header.signature, header.keyId), ...bodies];
      yield { name: "packet", actual: parts.map(toHex).join(""), expected: hex };
    }
  }
}

function* jobs(): Generator<Finding> {
  const decoder = new JobLineDecoder({ jobs: ["HelloWorldJob"], classes: ["Pub"] });
  for (const { note, hex, json } of phpJobs.cases) {
    const line = decoder.decode(fromHex(hex));
    const expected = JSON.stringify([json.class, json.data]);
    const actual = JSON.stringify(line.ok ? [line.job, line.data] : line.error);
    yield { name: note, actual, expected };
    const value = decode(fromHex(hex));
    yield { name: note, actual: value.ok ? toHex(encode(value.value)) : "", expected: hex };
  }
}

function* phpSessions(): Generator<Finding> {
  for (const { note, handler, hex } of sessions.php) {
    const codec = new PhpSessionCodec({ handler: handler as SessionHandler });
    yield { name: note, actual: changed(codec, fromHex(hex)), expected: hex };
  }
}

function* expressSessions(): Generator<Finding> {
  for (const { note, value } of sessions.express) {
    const bytes = utf8.encode(value);
    yield {
      name: note,
      actual: changed(new JsonSessionCodec(), bytes),
      expected: toHex(bytes),
    };
  }
}

/** A session that has had a variable for a moment. */
function changed(codec: SessionCodec, bytes: Uint8Array): string {
  const result = codec.decode(bytes);
  if (!result.ok) return result.reason;
  result.document.put("added", codec.freeze("added", [1, "é"]));
  if (toHex(result.document.encode()) === toHex(bytes)) return "The variable was not added";
  result.document.delete("added");
  return toHex(result.document.encode());
}

async function firstNews(url: string): Promise<string> {
  const client = new ReconnectingClient(url);
  const news = new Promise((resolve) => client.subscribe("news", resolve));
  client.publish("news", "hello");
  const closed = new Promise((resolve) => client.addEventListener("close", resolve));
  const first = String(await news);
  client.close();
  await closed;
  return first;
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
