/** How the URI of a subscription or registration is compared. */
export type Match = "exact" | "prefix" | "wildcard";

/** Longer ones are refused. */
const MAX_URI_LENGTH = 1024;

/** Whether a value names one of the ways to compare. */
export function isMatch(value: unknown): value is Match {
  return value === "exact" || value === "prefix" || value === "wildcard";
}

/**
 * Whether a text is a URI of WAMP v2 by its loose rules: components between
 * dots, without blanks and `#`. A pattern may have empty components.
 *
 * @param text The text.
 * @param match What it is for.
 */
export function isUri(text: string, match: Match = "exact"): boolean {
  if (text.length > MAX_URI_LENGTH || /[\s#]/.test(text)) return false;
  if (match === "wildcard") return text !== "";
  const components = text.split(".");
  // A prefix may end anywhere, behind a dot too.
  if (match === "prefix") components.pop();
  return components.every((component) => component !== "");
}
