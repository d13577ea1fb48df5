import { Dashboard, type DashboardOptions } from "../../dashboard/mod.ts";
import type { ModstampSource } from "../source.ts";
import { WatchSite } from "./watch_site.ts";

/** Options of {@linkcode ModstampWatchPage}. */
export interface ModstampWatchPageOptions extends Pick<DashboardOptions, "loop" | "onError"> {
  /** Where values come from. */
  source: ModstampSource;
  /**
   * Where the page is.
   *
   * @default {"/watch"}
   */
  path?: string;
  /**
   * Where the gateway is that tells it of changes.
   *
   * @default {"/v1/modstamps"}
   */
  gateway?: string;
  /**
   * Most ids on the page; as many as the gateway lets a stream have.
   *
   * @default {100}
   */
  maxIds?: number;
}

/**
 * A page that watches modstamps live, at `/watch?id=prices&id=stock`: who knows
 * an id sees its value. It needs a `ModstampGateway` on the same origin.
 *
 * @example Mount it beside the gateway
 * ```ts
 * import { MemoryModstampStore, StoreSource } from "@sluice/sluice/modstamp";
 * import { ModstampWatchPage } from "@sluice/sluice/modstamp/dashboard";
 * import { ModstampGateway } from "@sluice/sluice/modstamp/http";
 * import { assertStringIncludes } from "@std/assert";
 *
 * await using source = await StoreSource.open(new MemoryModstampStore());
 * await source.change(new Map([["prices", new TextEncoder().encode("v7")]]));
 * using gateway = new ModstampGateway({ source });
 * using page = new ModstampWatchPage({ source });
 * const handler = (request: Request) =>
 *   page.serves(request) ? page.fetch(request) : gateway.fetch(request);
 * const response = await handler(new Request("http://localhost/watch?id=prices"));
 * assertStringIncludes(await response.text(), "v7");
 * ```
 */
export class ModstampWatchPage extends Dashboard {
  /**
   * Makes a page.
   *
   * @param options See {@linkcode ModstampWatchPageOptions}.
   * @throws {RangeError} When `path` is no path.
   */
  constructor(options: ModstampWatchPageOptions) {
    const { source, path = "/watch", gateway = "/v1/modstamps", maxIds = 100 } = options;
    super(new WatchSite({ source, gateway, maxIds }), { ...options, path });
  }
}
