/** Messages of WAMP v2 by their first element. */
export const Code = {
  hello: 1,
  welcome: 2,
  abort: 3,
  challenge: 4,
  authenticate: 5,
  goodbye: 6,
  error: 8,
  publish: 16,
  published: 17,
  subscribe: 32,
  subscribed: 33,
  unsubscribe: 34,
  unsubscribed: 35,
  event: 36,
  call: 48,
  cancel: 49,
  result: 50,
  register: 64,
  registered: 65,
  unregister: 66,
  unregistered: 67,
  invocation: 68,
  interrupt: 69,
  yield: 70,
} as const;

/** A message as it is sent: a code, and what belongs to it. */
export type Message = readonly unknown[];

type Field = "id" | "dict" | "text" | "list?" | "dict?";

/** What clients send. */
const LAYOUTS: ReadonlyMap<unknown, readonly Field[]> = new Map<unknown, readonly Field[]>([
  [Code.hello, ["text", "dict"]],
  [Code.abort, ["dict", "text"]],
  [Code.authenticate, ["text", "dict"]],
  [Code.goodbye, ["dict", "text"]],
  [Code.error, ["id", "id", "dict", "text", "list?", "dict?"]],
  [Code.publish, ["id", "dict", "text", "list?", "dict?"]],
  [Code.subscribe, ["id", "dict", "text"]],
  [Code.unsubscribe, ["id", "id"]],
  [Code.call, ["id", "dict", "text", "list?", "dict?"]],
  [Code.cancel, ["id", "dict"]],
  [Code.register, ["id", "dict", "text"]],
  [Code.unregister, ["id", "id"]],
  [Code.yield, ["id", "dict", "list?", "dict?"]],
]);

/**
 * Checks that a message has the parts that belong to it.
 *
 * @param message What a client sent.
 * @returns What is wrong, or `null` when nothing is.
 */
export function checkMessage(message: unknown): string | null {
  if (!Array.isArray(message)) return "A message is a list";
  const layout = LAYOUTS.get(message[0]);
  if (layout === undefined) return "There is no such message";
  const required = layout.filter((field) => !field.endsWith("?")).length;
  if (message.length <= required || message.length > layout.length + 1) {
    return `Message ${message[0]} has ${message.length} elements`;
  }
  const wrong = layout.findIndex((field, i) =>
    i + 1 < message.length && !fits(message[i + 1], field)
  );
  return wrong < 0 ? null : `Element ${wrong + 1} of message ${message[0]} is of the wrong type`;
}

function fits(value: unknown, field: Field): boolean {
  switch (field) {
    case "id":
      return Number.isSafeInteger(value) && (value as number) > 0;
    case "text":
      return typeof value === "string";
    case "list?":
      return Array.isArray(value);
    default:
      return isDict(value);
  }
}

/** Whether a value is a dictionary. */
export function isDict(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
