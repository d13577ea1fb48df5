/** The answer to a request that may not be served; `null` for one that may. */
export function refuseStranger(request: Request, token: string | undefined): Response | null {
  if (token === undefined) {
    if (!isForeign(request)) return null;
    const error = "Cannot serve request as the page of another site has sent it";
    return Response.json({ error }, { status: 403 });
  }
  const shown = request.headers.get("authorization") ?? "";
  if (isSame(shown, `Bearer ${token}`)) return null;
  const headers = { "www-authenticate": "Bearer" };
  const error = "Cannot serve request as it shows no valid token";
  return Response.json({ error }, { status: 401, headers });
}

/** Whether a browser says so: without a token any page could else push to a port of its reader. */
function isForeign({ headers, method }: Request): boolean {
  const site = headers.get("sec-fetch-site") ?? "none";
  return method !== "GET" && site !== "same-origin" && site !== "none";
}

/** Compares in a time that doesn't tell where two texts differ. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
