/** A server for `fetch` handlers that can be taken out of service without losing a request. */
export interface FetchServer {
  /** Ends kept-alive connections after their next response. */
  drain(): void;
  /** Resolves once all connections have ended after that; `null` when nobody can tell. */
  readonly idle: Promise<void> | null;
  /** Stops accepting, and resolves once all requests are answered. */
  shutdown(): Promise<void>;
}

/** Has the connection of a response end with it. */
export function lastOfConnection(response: Response): Response {
  // The connection is no longer HTTP's when protocols are switched.
  if (response.status === 101) return response;
  try {
    response.headers.set("connection", "close");
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  // The headers of a response that came from elsewhere can't be changed.
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.set("connection", "close");
  return new Response(response.body, { status, statusText, headers });
}
