/**
 * How PHP writes a session, which is its setting `session.serialize_handler`: `php` has `name|value`
 * for each variable, `php_binary` a byte with the length of the name, the name and the value, and
 * `php_serialize` one array of all variables.
 */
export type SessionHandler = "php" | "php_binary" | "php_serialize";

const HANDLERS: readonly SessionHandler[] = ["php", "php_binary", "php_serialize"];

/**
 * Lets a handler pass.
 *
 * @param handler The handler, `php` when none is given.
 * @returns The handler.
 * @throws {RangeError} When there is no such handler.
 */
export function checkHandler(handler: SessionHandler = "php"): SessionHandler {
  if (HANDLERS.includes(handler)) return handler;
  throw new RangeError(
    `Cannot use ${handler} as session handler: there are ${HANDLERS.join(", ")}`,
  );
}
