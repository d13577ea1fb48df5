/**
 * Whether a request shows a token as `authorization: Bearer TOKEN` (RFC 6750). The time it takes
 * doesn't tell where what is shown differs. Nobody can show an empty one.
 *
 * @example Who may
 * ```ts
 * import { showsToken } from "@sluice/sluice/loop";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const headers = { authorization: "Bearer secret" };
 * assert(showsToken(new Request("http://localhost", { headers }), "secret"));
 * assertFalse(showsToken(new Request("http://localhost"), "secret"));
 * ```
 *
 * @param request The request.
 * @param token The token.
 */
export function showsToken({ headers }: Request, token: string): boolean {
  const [, shown] = /^Bearer +(.+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  if (shown === undefined) return false;
  let difference = shown.length ^ token.length;
  for (let i = 0; i < token.length; i++) difference |= shown.charCodeAt(i) ^ token.charCodeAt(i);
  return difference === 0;
}
