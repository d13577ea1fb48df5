/** What a client of {@linkcode Topics} can say. */
export type TopicRequest =
  | { readonly type: "subscribe"; readonly topic: string; readonly after: string | null }
  | { readonly type: "unsubscribe"; readonly topic: string }
  | { readonly type: "publish"; readonly topic: string; readonly data: unknown };

const MAX_TOPIC_LENGTH = 255;

/**
 * Reads what a client said.
 *
 * @param text The message.
 * @returns The request, or `null` when it is something else.
 */
export function decodeTopicRequest(text: string): TopicRequest | null {
  const value = parse(text);
  if (typeof value !== "object" || value === null) return null;
  const { type, topic, after, data } = value as Record<string, unknown>;
  if (typeof topic !== "string" || topic === "" || topic.length > MAX_TOPIC_LENGTH) return null;
  switch (type) {
    case "subscribe":
      return { type, topic, after: typeof after === "string" ? after : null };
    case "unsubscribe":
      return { type, topic };
    case "publish":
      return { type, topic, data };
    default:
      return null;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
