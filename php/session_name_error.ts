import type { PhpKey } from "./key.ts";
import { showName } from "./name.ts";
import type { SessionHandler } from "./session_handler.ts";

/**
 * A name that a session handler cannot store. PHP itself would drop the variable or, when the name
 * holds `|`, the whole session.
 *
 * @example A name with the separator in it
 * ```ts
 * import { encodeSession, PhpArray, SessionNameError } from "@sluice/sluice/php";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const variables = new PhpArray([["a|b", 1]]);
 * const error = assertThrows(() => encodeSession(variables), SessionNameError);
 * assertEquals(error.variable, "a|b");
 * ```
 */
export class SessionNameError extends RangeError {
  /** The name of this class. */
  override readonly name = "SessionNameError";
  /** The name of the variable. */
  readonly variable: PhpKey;
  /** The handler that cannot store it. */
  readonly handler: SessionHandler;

  /**
   * Tells which name cannot be stored and why.
   *
   * @param variable The name of the variable.
   * @param handler The handler.
   * @param why What is wrong with the name.
   */
  constructor(variable: PhpKey, handler: SessionHandler, why: string) {
    const form = showName(String(variable));
    super(`Cannot encode the session as handler ${handler} cannot store the name ${form}: ${why}`);
    this.variable = variable;
    this.handler = handler;
  }
}
