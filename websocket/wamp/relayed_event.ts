import { admissionOf } from "./admission.ts";
import { msgpackSerializer } from "./msgpack_serializer.ts";
import type { AudienceRules, Publication } from "./subscription.ts";
import type { Keywords } from "./wamp_error.ts";

/** What one server tells the others that was published. */
export interface RelayedEvent {
  readonly realm: string;
  readonly publication: Publication;
}

/** Writes an event; `null` when a value of it can't be written. */
export function encodeRelayedEvent({ realm, publication }: RelayedEvent): Uint8Array | null {
  const { id, topic, args, kwargs, publisher, rules } = publication;
  const known = publisher && [publisher.id, publisher.authId, publisher.authRole];
  try {
    const message = [realm, id, topic, args, kwargs, known, rules];
    return msgpackSerializer.encode(message) as Uint8Array;
  } catch {
    // A function or a symbol, which nobody here has minded.
    return null;
  }
}

/** Reads an event, or gives `null` when it is none. */
export function decodeRelayedEvent(bytes: Uint8Array): RelayedEvent | null {
  const message = msgpackSerializer.decode(bytes);
  if (!Array.isArray(message) || message.length !== 7) return null;
  const [realm, id, topic, args, kwargs, known, rules] = message;
  const isWell = typeof realm === "string" && typeof id === "number" &&
    typeof topic === "string" && Array.isArray(args) && isObject(kwargs ?? {}) &&
    isObject(rules) && (known === null || (Array.isArray(known) && known.length === 3));
  if (!isWell) return null;
  const admits = admissionOf(null, rules as AudienceRules);
  if (admits === null) return null;
  const publisher = known && { id: known[0], authId: known[1], authRole: known[2] };
  const publication = { id, topic, args, kwargs: kwargs as Keywords | null, publisher, admits };
  return { realm, publication: { ...publication, rules: rules as AudienceRules } };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
