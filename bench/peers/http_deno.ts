/** The peer to compare with: a process that shares its port by itself. Arguments: PORT. */
import app from "./http_app.ts";

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
  reusePort: true,
  onListen: ({ port }) => console.log(port),
}, app.fetch);
