/**
 * A web service for the supervisor: `deno run -A prefork/main.ts examples/http.ts -w 2 -p 8000`.
 *
 * @module
 */
export default {
  /** Answers every request. */
  fetch: (): Response => new Response("Hello\n"),
};
