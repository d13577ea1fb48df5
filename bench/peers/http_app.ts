import { work } from "./http_work.mjs";

const body = Deno.env.has("WORK") ? work : () => "hello";

/**
 * The application that all supervisors of `prefork_bench.ts` serve; says which process answers.
 * It looks at the request as real ones do: Deno makes none for a handler that takes none.
 */
export default {
  fetch: ({ method }: Request): Response => new Response(`${Deno.pid} ${body()} ${method}\n`),
};
