import { assert, assertEquals } from "@std/assert";
import { close } from "../wire/masked_frame.ts";
import type { Fields } from "../wire/raw_client.ts";
import { ECHO, WsScene, type WsSceneOptions } from "../wire/ws_scene.ts";

/** What a client does, and what an echo server must do. */
export interface Case {
  /** What is sent, piece by piece; each arrives by itself. */
  send: Uint8Array[];
  /** Cuts the pieces into smaller ones of this many bytes. */
  chop?: number;
  /** The frames that must come, a line each, without the close at the end. */
  expect?: string[];
  /** The code that the server must fail the connection with. */
  fails?: number;
  /** Header fields of the handshake. */
  fields?: Fields;
  /** How the server and the network are. */
  options?: WsSceneOptions;
}

/**
 * A case of the Autobahn test suite, strictly: the server answers exactly as it
 * must, and ends the connection in order, not by a reset.
 */
export function passes(id: string, what: string, test: Case): void {
  Deno.test(`WsServer passes case ${id} when ${what}`, () => run(test));
}

async function run(test: Case): Promise<void> {
  const { expect = [], fails, chop } = test;
  await using scene = await WsScene.open(ECHO, test.options);
  const client = await scene.client(test.fields);
  for (const piece of test.send) {
    if (client.ended) break;
    if (chop === undefined) await scene.send(client, piece);
    else await scene.chop(client, piece, chop);
  }
  await scene.network.advance(100);
  if (fails === undefined) {
    assertEquals(client.lines, expect);
    assert(!client.ended, "The server has ended the connection");
    await scene.send(client, close(1000));
    await scene.network.until(() => client.closed);
    assertEquals(client.lines, [...expect, "close:1000"]);
  } else {
    await scene.network.until(() => client.closed);
    assertEquals(client.lines, [...expect, `close:${fails}`]);
  }
  assertEquals(client.error, null);
  await scene.network.advance(100);
  assertEquals(scene.server.stats().streams, 0);
  assertEquals(scene.errors, []);
}
