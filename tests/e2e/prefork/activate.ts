/** Runs a command with a listening socket at descriptor 3, as systemd does: `PORT COMMAND ARG…`. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";

const [port, ...command] = Deno.args;
const server = createServer();
await new Promise<void>((resolve) => server.listen(Number(port), "127.0.0.1", resolve));
const { _handle: handle } = server as unknown as { _handle: { fdForIpc(): number } };
const shell = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"';
const child = spawn("sh", ["-c", shell, "sh", ...command], {
  stdio: ["inherit", "inherit", "inherit", handle.fdForIpc()],
});
server.close();
Deno.addSignalListener("SIGQUIT", () => Deno.kill(child.pid!, "SIGQUIT"));
child.on("exit", (code) => Deno.exit(code ?? 99));
