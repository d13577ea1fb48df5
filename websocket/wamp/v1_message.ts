import { jsonSerializer } from "./json_serializer.ts";

/** What a client of WAMP v1 says. */
export type V1Message =
  | { readonly type: "prefix"; readonly prefix: string; readonly uri: string }
  | {
    readonly type: "call";
    readonly id: string | number;
    readonly procedure: string;
    readonly args: readonly unknown[];
  }
  | { readonly type: "subscribe" | "unsubscribe"; readonly topic: string }
  | {
    readonly type: "publish";
    readonly topic: string;
    readonly event: unknown;
    readonly excludeMe: boolean;
    readonly exclude: ReadonlySet<unknown>;
    readonly eligible: ReadonlySet<unknown>;
  };

/**
 * Reads a message of WAMP v1. Pure: it never throws.
 *
 * @param text What came.
 * @returns The message, or `null` when it is malformed.
 */
export function readV1Message(text: string): V1Message | null {
  const message = jsonSerializer.decode(text);
  if (!Array.isArray(message)) return null;
  const [code, first, second] = message as unknown[];
  switch (code) {
    case 1:
      return isText(first) && isText(second)
        ? { type: "prefix", prefix: first, uri: second }
        : null;
    case 2: {
      if (!(isText(first) || typeof first === "number") || !isText(second)) return null;
      return { type: "call", id: first, procedure: second, args: unwrap(message.slice(3)) };
    }
    case 5:
      return isText(first) ? { type: "subscribe", topic: first } : null;
    case 6:
      return isText(first) ? { type: "unsubscribe", topic: first } : null;
    case 7:
      return isText(first) && message.length > 2 ? publication(first, message) : null;
    default:
      return null;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** A list that is the only argument is the list of arguments. */
function unwrap(args: readonly unknown[]): readonly unknown[] {
  return args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
}

function publication(topic: string, message: readonly unknown[]): V1Message | null {
  const [, , event, exclusion = false, eligible = []] = message;
  if (!Array.isArray(eligible)) return null;
  return {
    type: "publish",
    topic,
    event,
    excludeMe: !Array.isArray(exclusion) && Boolean(exclusion),
    exclude: new Set(Array.isArray(exclusion) ? exclusion : []),
    eligible: new Set(eligible),
  };
}
