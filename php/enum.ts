import type { PhpString } from "./bytes.ts";
import { checkClassName, isCaseName, showName } from "./name.ts";

/**
 * A case of an enum of PHP. Like an object it is one: share the instance among the places where
 * the same case stands, as decoding does, and PHP gets the bytes that it would write itself.
 *
 * @example A case
 * ```ts
 * import { encode, PhpArray, PhpEnum } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * const hearts = new PhpEnum("Suit", "Hearts");
 * assertEquals(
 *   new TextDecoder().decode(encode(PhpArray.list([hearts, hearts]))),
 *   'a:2:{i:0;E:11:"Suit:Hearts";i:1;r:2;}',
 * );
 * ```
 */
export class PhpEnum {
  /** The enum's name, namespace included. */
  readonly className: PhpString;
  /** The name of the case, which is not the value that a backed enum has for it. */
  readonly caseName: PhpString;

  /**
   * Names a case.
   *
   * @param className The enum's name, namespace included.
   * @param caseName The name of the case.
   * @throws {SyntaxError} When PHP wouldn't take one of them for a name.
   */
  constructor(className: PhpString, caseName: PhpString) {
    this.className = checkClassName(className);
    if (!isCaseName(caseName)) {
      throw new SyntaxError(`Cannot use ${showName(caseName)} as the name of a PHP enum's case`);
    }
    this.caseName = caseName;
  }
}
