import type { Application } from "../application.ts";
import { findComponent } from "../component.ts";
import type { Connection } from "../connection.ts";
import { findSession, SessionProvider } from "../session/session_provider.ts";

/** How many web sessions the connections belong to; `null` when they have none. */
export function countSessions(
  application: Application,
  connections: Iterable<Connection>,
): number | null {
  if (findComponent(application, SessionProvider) === undefined) return null;
  const ids = new Set([...connections].map((connection) => findSession(connection)?.id));
  ids.delete(undefined);
  return ids.size;
}
