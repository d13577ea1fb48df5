/**
 * The HTTP application of the chaos run: answers after as many milliseconds as it is asked for.
 *
 * @module
 */
import { sleep } from "../uptime.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    await sleep(Number(new URL(request.url).searchParams.get("ms")));
    return new Response("answer");
  },
};
