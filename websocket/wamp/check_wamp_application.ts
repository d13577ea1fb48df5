import { nameOf } from "../check_application.ts";
import type { WampApplication } from "./wamp_application.ts";

const HANDLERS = [
  "onOpen",
  "onClose",
  "onError",
  "onSubscribe",
  "onUnsubscribe",
  "onCall",
  "onPublish",
] as const;
const OUTER_HANDLERS = ["onHandshake", "onMessage"] as const;

/**
 * Checks that something is an application of WAMP, and says where else it goes
 * when it is not.
 *
 * @param application What is to be wrapped.
 * @param wrapper The name of the class that is to call it.
 * @returns `application`.
 * @throws {TypeError} When it is no application of WAMP.
 */
export function checkWampApplication(
  application: WampApplication,
  wrapper: string,
): WampApplication {
  const problem = problemOf(application, wrapper);
  if (problem === null) return application;
  throw new TypeError(`Cannot wrap ${nameOf(application)} in ${wrapper} as ${problem}`);
}

function problemOf(application: unknown, wrapper: string): string | null {
  if (typeof application !== "object" || application === null) return "it is no object";
  const wrong = HANDLERS.find((name) =>
    name in application && typeof Reflect.get(application, name) !== "function" &&
    Reflect.get(application, name) !== undefined
  );
  if (wrong !== undefined) return `its ${wrong} is no function`;
  const outer = OUTER_HANDLERS.find((name) => name in application);
  if (outer === undefined) return null;
  return `it handles ${outer}, which comes before WAMP: ` +
    `put the ${wrapper} into it, or handle onCall and onPublish`;
}
