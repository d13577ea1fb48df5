import icon from "./icon.svg" with { type: "text" };
import script from "./live.js" with { type: "text" };
import style from "./style.css" with { type: "text" };

const ASSETS: ReadonlyMap<string, readonly [type: string, text: string]> = new Map([
  ["icon.svg", ["image/svg+xml", icon]],
  ["live.js", ["text/javascript; charset=utf-8", script]],
  ["style.css", ["text/css; charset=utf-8", style]],
]);

/** What pages refer to; `null` when there is nothing by that name. */
export function asset(name: string): Response | null {
  const found = ASSETS.get(name);
  if (found === undefined) return null;
  const headers = { "content-type": found[0], "cache-control": "max-age=300" };
  return new Response(found[1], { headers });
}
