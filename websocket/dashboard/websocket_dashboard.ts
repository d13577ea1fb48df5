import { Dashboard, type DashboardOptions } from "../../dashboard/mod.ts";
import type { Application } from "../application.ts";
import type { WsServer } from "../server/ws_server.ts";
import { WebSocketSite } from "./websocket_site.ts";

/** Options of {@linkcode WebSocketDashboard}. */
export interface WebSocketDashboardOptions extends DashboardOptions {
  /** The server to show. */
  server: WsServer;
  /** What it serves, with all components. */
  application: Application;
}

/**
 * Shows people how a WebSocket server is doing: its connections, sessions,
 * rooms and topics. Who knows the token can close connections.
 *
 * @example Mount it
 * ```ts
 * import { Rooms, WsServer } from "@sluice/sluice/websocket";
 * import { WebSocketDashboard } from "@sluice/sluice/websocket/dashboard";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const application = new Rooms({ onMessage() {} });
 * await using server = new WsServer(application);
 * using dashboard = new WebSocketDashboard({ server, application });
 * const response = await dashboard.fetch(new Request("http://localhost/dashboard"));
 * assertStringIncludes(await response.text(), "Connections");
 * ```
 */
export class WebSocketDashboard extends Dashboard {
  /**
   * Makes a dashboard; disposing of it leaves the server as it is.
   *
   * @param options See {@linkcode WebSocketDashboardOptions}.
   * @throws {RangeError} When `path` is no path, or `token` is empty.
   */
  constructor(options: WebSocketDashboardOptions) {
    super(new WebSocketSite(options.server, options.application), options);
  }
}
