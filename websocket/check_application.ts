import type { Application } from "./application.ts";

const HANDLERS = ["onHandshake", "onOpen", "onMessage", "onClose", "onError"] as const;
const WAMP_HANDLERS = ["onSubscribe", "onUnsubscribe", "onCall", "onPublish"] as const;

/**
 * Checks that something can be served or wrapped, and says what to wrap it in
 * when it can't.
 *
 * @param value What is to be served.
 * @param wrapper The name of the class that is to call it.
 * @returns `value`.
 * @throws {TypeError} When `value` is no application.
 */
export function checkApplication(value: unknown, wrapper: string): Application {
  const problem = problemOf(value, wrapper);
  if (problem === null) return value as Application;
  throw new TypeError(`Cannot wrap ${nameOf(value)} in ${wrapper} as ${problem}`);
}

/** What a value is called in messages: its class, or its type. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = value.constructor?.name;
  return name === undefined || name === "Object" ? "the object" : name;
}

function problemOf(value: unknown, wrapper: string): string | null {
  if (typeof value === "function") return "it is no object: make one with new, or call it";
  if (typeof value !== "object" || value === null) return "it is no object";
  const wrong = HANDLERS.find((name) =>
    !["undefined", "function"].includes(typeof get(value, name))
  );
  if (wrong !== undefined) return `its ${wrong} is no function`;
  if (HANDLERS.some((name) => typeof get(value, name) === "function")) return null;
  const wamp = WAMP_HANDLERS.find((name) => typeof get(value, name) === "function");
  if (wamp !== undefined) {
    return `it handles ${wamp}, which only WampServer calls: put a WampServer between them`;
  }
  if (typeof get(value, "listen") === "function" || typeof get(value, "handler") === "function") {
    return `it is a server, which goes outside: put ${wrapper} into it`;
  }
  return `it handles none of ${HANDLERS.join(", ")}`;
}

function get(value: object, name: string): unknown {
  return (value as Record<string, unknown>)[name];
}
