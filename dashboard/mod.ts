/**
 * What the dashboards of all modules share: pages that are rendered by the
 * server and follow it live, logins, and what keeps attackers out.
 *
 * @module
 */
export { chart, type Series } from "./chart.ts";
export { Dashboard, type DashboardOptions } from "./dashboard.ts";
export { formatBytes, formatCount, formatDuration, formatRate } from "./figures.ts";
export { Html, html, type HtmlValue } from "./html.ts";
export {
  badge,
  clip,
  facts,
  type Row,
  table,
  type TableOptions,
  type Tile,
  tiles,
} from "./parts.ts";
export { RateHistory, type RateHistoryOptions } from "./rate_history.ts";
export { type MenuItem, OrderError, type OrderResult, type Page, type Site } from "./site.ts";
export { type FormOptions, View, type ViewOptions } from "./view.ts";
