/** A script that knows nothing of supervisors. */

Deno.serve({
  port: Number(Deno.env.get("PORT")),
  hostname: "127.0.0.1",
  reusePort: true,
  onListen() {},
}, () => new Response(`plain ${Deno.pid} ${import.meta.main}`));
