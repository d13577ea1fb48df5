/** An application for a supervisor: says which worker it is, and misbehaves when asked to. */

const version = "one";

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const held: Uint8Array[] = [];

async function respond(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const amount = Number(searchParams.get("n"));
  switch (pathname) {
    case "/version":
      return new Response(version);
    case "/slow":
      console.log("slow begins");
      await sleep(amount);
      return new Response("slow ends");
    case "/busy":
      for (;;);
    case "/exit":
      return Deno.exit(amount);
    case "/grow":
      held.push(new Uint8Array(amount).fill(1));
      return new Response("grown");
    case "/surroundings":
      return Response.json({
        args: Deno.args,
        cwd: Deno.cwd(),
        env: Deno.env.toObject(),
        main: import.meta.url === Deno.mainModule,
      });
  }
  return new Response(`${Deno.env.get("WORKER_ID")} ${Deno.pid}`);
}

export default { fetch: respond };
