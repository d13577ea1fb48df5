import { showsToken } from "../../loop/mod.ts";

/** The answer to a request that may not be served; `null` for one that may. */
export function refuseStranger(request: Request, token: string | undefined): Response | null {
  if (token === undefined) {
    if (!isForeign(request)) return null;
    const error = "Cannot serve request as the page of another site has sent it";
    return Response.json({ error }, { status: 403 });
  }
  if (showsToken(request, token)) return null;
  const headers = { "www-authenticate": "Bearer" };
  const error = "Cannot serve request as it shows no valid token";
  return Response.json({ error }, { status: 401, headers });
}

/** Whether a browser says so: without a token any page could else push to a port of its reader. */
function isForeign({ headers, method }: Request): boolean {
  const site = headers.get("sec-fetch-site") ?? "none";
  return method !== "GET" && site !== "same-origin" && site !== "none";
}
