import type { PhpString } from "./bytes.ts";

/** Bytes above 127 count as letters; as text they are characters from U+0080 on. */
const CLASS_NAME = /^[\w\\\x7f-\u{10ffff}]+$/u;
const CASE_NAME = /^[\w\x7f-\u{10ffff}]+$/u;

/**
 * Checks the name of a class.
 *
 * @param name The name, namespace included.
 * @returns Whether PHP would take it for one.
 */
export function isClassName(name: PhpString): boolean {
  return CLASS_NAME.test(typeof name === "string" ? name : name.text);
}

/**
 * Checks the name of an enum's case.
 *
 * @param name The name.
 * @returns Whether PHP would take it for one.
 */
export function isCaseName(name: PhpString): boolean {
  return CASE_NAME.test(typeof name === "string" ? name : name.text);
}

/**
 * Lets a class name pass.
 *
 * @param name The name.
 * @returns The same name.
 * @throws {SyntaxError} When PHP wouldn't take it for one.
 */
export function checkClassName(name: PhpString): PhpString {
  if (isClassName(name)) return name;
  throw new SyntaxError(`Cannot use ${showName(name)} as the name of a PHP class`);
}

/** So much of a name is shown in a message. */
const SHOWN = 80;

/**
 * Makes a name fit for a message, whoever chose it.
 *
 * @param name The name.
 * @returns The name in quotes, cut when it is long.
 */
export function showName(name: PhpString): string {
  const text = String(name);
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
