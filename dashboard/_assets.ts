import icon from "./icon.svg" with { type: "text" };
import live from "./live.js" with { type: "text" };
import stream from "./stream.js" with { type: "text" };
import style from "./style.css" with { type: "text" };

const SCRIPT_TYPE = "text/javascript; charset=utf-8";
const ASSETS: ReadonlyMap<string, readonly [type: string, text: string]> = new Map([
  ["icon.svg", ["image/svg+xml", icon]],
  ["live.js", [SCRIPT_TYPE, live]],
  ["stream.js", [SCRIPT_TYPE, stream]],
  ["style.css", ["text/css; charset=utf-8", style]],
]);

/** What the script of a site is called among the assets. */
export const SITE_SCRIPT = "site.js";

/** What pages refer to; `null` when there is nothing by that name. */
export function asset(name: string, { script }: { script?: string } = {}): Response | null {
  const isOwn = name === SITE_SCRIPT && script !== undefined;
  const found = isOwn ? [SCRIPT_TYPE, script] as const : ASSETS.get(name);
  if (found === undefined) return null;
  const headers = { "content-type": found[0], "cache-control": "max-age=300" };
  return new Response(found[1], { headers });
}
