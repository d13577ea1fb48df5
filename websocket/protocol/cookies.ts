/**
 * Reads the value of `Cookie` (RFC 6265, 5.4). Values are not decoded; of equal
 * names the first counts, as it has the longest path.
 *
 * @param header The value; several header fields are joined by semicolons.
 * @returns The cookies by name.
 */
export function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    if (name === "" || cookies.has(name)) continue;
    cookies.set(name, value.length >= 2 && /^".*"$/s.test(value) ? value.slice(1, -1) : value);
  }
  return cookies;
}
