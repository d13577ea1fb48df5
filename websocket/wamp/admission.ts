import type { AudienceRules } from "./subscription.ts";
import type { WampSession } from "./wamp_session.ts";

/**
 * Who may get an event, by the options that it was published with.
 *
 * @param publisher Who publishes it; `null` for somebody at another server.
 * @param options The options.
 * @returns Tells whether somebody may get it; or `null` when an option is of the wrong type.
 */
export function admissionOf(
  publisher: WampSession | null,
  options: AudienceRules,
): ((session: WampSession) => boolean) | null {
  const { exclude_me: excludeMe = true } = options;
  if (typeof excludeMe !== "boolean") return null;
  const rules: ((session: WampSession) => boolean)[] = [];
  if (excludeMe && publisher !== null) rules.push(({ id }) => id !== publisher.id);
  for (const [name, valueOf] of Object.entries(FIELDS)) {
    const lists = [options[`exclude${name}`], options[`eligible${name}`]];
    if (lists.some((list) => list !== undefined && !Array.isArray(list))) return null;
    const [excluded, eligible] = lists.map((list) =>
      list === undefined ? null : new Set(list as unknown[])
    );
    if (excluded) rules.push((session) => !excluded.has(valueOf(session)));
    if (eligible) rules.push((session) => eligible.has(valueOf(session)));
  }
  return (session) => rules.every((rule) => rule(session));
}

/** What can be excluded and eligible, by the end of the option's name. */
const FIELDS: Readonly<Record<string, (session: WampSession) => unknown>> = {
  "": ({ id }) => id,
  "_authid": ({ authId }) => authId,
  "_authrole": ({ authRole }) => authRole,
};

/** Of the options that an event was published with, those that say who may get it elsewhere. */
export function rulesOf(options: AudienceRules): AudienceRules {
  const names = Object.keys(FIELDS).flatMap((name) => [`exclude${name}`, `eligible${name}`]);
  const kept = names.filter((name) => options[name] !== undefined);
  return Object.fromEntries(kept.map((name) => [name, options[name]]));
}
