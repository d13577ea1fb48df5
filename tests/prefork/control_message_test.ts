import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodeToSupervisor,
  decodeToWorker,
  encodeControl,
  type ToSupervisor,
  type ToWorker,
} from "../../prefork/_control_message.ts";

const encoder = new TextEncoder();

Deno.test("decodeToWorker() reads what encodeControl() wrote", () => {
  const messages: ToWorker[] = [{ type: "ping" }, { type: "drain" }, { type: "retire" }];
  for (const message of messages) assertEquals(decodeToWorker(encodeControl(message)), message);
});

Deno.test("decodeToSupervisor() reads what encodeControl() wrote", () => {
  const messages: ToSupervisor[] = [
    { type: "hello" },
    { type: "ready", http: true },
    { type: "drained" },
    { type: "done" },
    { type: "pong", rssBytes: 1, requests: 2 },
    { type: "failed", reason: "no" },
    { type: "subscribe", topic: "t" },
    { type: "unsubscribe", topic: "t" },
  ];
  for (const message of messages) {
    assertEquals(decodeToSupervisor(encodeControl(message)), message);
  }
});

Deno.test("decodeToSupervisor() and decodeToWorker() refuse what makes no sense", () => {
  const nonsense = [
    "",
    "{",
    "1",
    "null",
    "[]",
    '{"type":1}',
    '{"type":"dance"}',
    '{"type":"pong"}',
    '{"type":"pong","rssBytes":-1,"requests":0}',
    '{"type":"failed"}',
    '{"type":"ready","http":1}',
    '{"type":"subscribe","topic":1}',
    '{"type":"config"}',
  ];
  for (const text of nonsense) {
    assertEquals(decodeToSupervisor(encoder.encode(text)), null, text);
    assertEquals(decodeToWorker(encoder.encode(text)), null, text);
  }
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    decodeToSupervisor(bytes);
    decodeToWorker(bytes);
  }));
});
