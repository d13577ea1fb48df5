/** The application that all supervisors of `prefork_bench.ts` serve; says which process answers. */
export default {
  fetch: (): Response => new Response(`${Deno.pid} hello\n`),
};
