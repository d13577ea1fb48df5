import { showsToken } from "../loop/mod.ts";
import { LazyMetrics } from "./_lazy_metrics.ts";
import type { ReloadResult } from "./_worker_pool.ts";
import type { SupervisorStatus } from "./supervisor_status.ts";

/** What the control endpoint can ask of a supervisor. */
export interface Controllable {
  /** How it is doing. */
  status(): SupervisorStatus;
  /** Replaces all workers. */
  reload(): Promise<ReloadResult>;
  /** Has another number of workers. */
  scale(workers: number): void;
  /** Begins to stop gracefully. */
  drain(): void;
}

/** Options of {@linkcode controlHandler}. */
export interface ControlHandlerOptions {
  /** Who may give orders: everybody, those who know the token, or nobody. */
  orders: "all" | "none" | { token: string };
}

/**
 * Makes the handler of a control endpoint: `GET /status` (JSON), `GET /metrics` (Prometheus),
 * `POST /reload`, `POST /scale?workers=N` and `POST /stop`.
 */
export function controlHandler(
  supervisor: Controllable,
  { orders }: ControlHandlerOptions,
): (request: Request) => Promise<Response> {
  const metrics = new LazyMetrics(supervisor);
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method === "GET") {
      return pathname === "/metrics" ? await metrics.respond() : answer(supervisor, pathname);
    }
    if (request.method !== "POST") return refuse(405, "there are GET and POST only");
    if (!mayOrder(request, orders)) return refuse(403, "this endpoint takes no orders from you");
    switch (pathname) {
      case "/reload": {
        const result = await supervisor.reload();
        return Response.json(result, { status: result.failure === null ? 200 : 500 });
      }
      case "/scale":
        return scale(supervisor, searchParams.get("workers"));
      case "/stop":
        supervisor.drain();
        return Response.json({ stopping: true });
    }
    return refuse(404, `there is no ${pathname}`);
  };
}

function answer(supervisor: Controllable, pathname: string): Response {
  if (pathname === "/status" || pathname === "/") return Response.json(supervisor.status());
  return refuse(404, `there is no ${pathname}`);
}

function scale(supervisor: Controllable, workers: string | null): Response {
  if (workers === null || !/^\d+$/.test(workers)) return refuse(400, "workers is no number");
  try {
    supervisor.scale(Number(workers));
  } catch (error) {
    if (error instanceof RangeError) return refuse(400, error.message);
    throw error;
  }
  return Response.json({ size: Number(workers) });
}

function mayOrder(request: Request, orders: ControlHandlerOptions["orders"]): boolean {
  if (typeof orders === "string") return orders === "all";
  return showsToken(request, orders.token);
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status });
}
