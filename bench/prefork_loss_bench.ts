/**
 * Reloads, changes of size and take-overs of a supervisor under load, which must lose nothing, in
 * both ways to share a port. `SLUICE_RELOADS` is the number of reloads (10), and half as many
 * times workers are added and removed, and a tenth of it times another supervisor takes over;
 * `SLUICE_SHARE` chooses one of the ways. Linux only.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import { compileLoad, failed, kinds, LoadRun, SupervisedPeer } from "./supervised.ts";

const WORKERS = 2;
const CLIENTS = 16;
const RELOADS = Number(Deno.env.get("SLUICE_RELOADS") ?? 10);

const SHARES = Deno.env.get("SLUICE_SHARE")?.split(",") ?? ["reuseport", "inherit"];

const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compileLoad(folder);
const loop = new EventLoop();
let lost = 0;

/** Does something again and again under load, and counts the requests that fail. */
async function underLoad(
  name: string,
  plan: { share: string; rounds: number },
  round: (peer: SupervisedPeer, n: number) => Promise<void>,
): Promise<void> {
  const { share, rounds } = plan;
  const pidFile = `${folder}/pid`;
  const flags = ["-w", String(WORKERS), "--share", share, "--pid", pidFile];
  const peer = await SupervisedPeer.start(loop, ...flags);
  const runs = (["new", "keep"] as const).map((kind) =>
    LoadRun.start(load, { port: peer.port, clients: CLIENTS, kind })
  );
  for (let n = 1; n <= rounds; n++) await round(peer, n);
  const [fresh, kept] = await Promise.all(runs.map((run) => run.stop()));
  lost += failed(fresh) + failed(kept);
  console.log(
    `${rounds} ${name}, ${share}: failed ${failed(fresh)} of ${fresh.answers} requests on new ` +
      `connections (${Math.round(fresh.perSecond)} /s), ${failed(kept)} of ${kept.answers} on ` +
      `kept-alive ones (${Math.round(kept.perSecond)} /s)`,
  );
  for (const load of [fresh, kept]) if (failed(load) > 0) console.log(`  failed: ${kinds(load)}`);
  for (const warning of peer.warnings) console.log(`  ${warning}`);
  Deno.kill(Number(await Deno.readTextFile(pidFile)), "SIGTERM");
  await peer.process.ended();
}

for (const share of SHARES) {
  await underLoad("reloads", { share, rounds: RELOADS }, async (peer, n) => {
    peer.process.signal("SIGHUP");
    await peer.said(/^Reloaded/, n);
    await peer.said(/: Gone/, WORKERS * n);
  });
  const cycles = { share, rounds: Math.ceil(RELOADS / 2) };
  await underLoad("times TTIN and TTOU", cycles, async (peer, n) => {
    peer.process.signal("SIGTTIN");
    await peer.said(/^worker 3 .*Ready/, n);
    peer.process.signal("SIGTTOU");
    await peer.said(/^worker 3 .*Gone/, n);
  });
  const successions = { share, rounds: Math.ceil(RELOADS / 10) };
  await underLoad("take-overs by USR2", successions, async (peer, n) => {
    const holder = Number(await Deno.readTextFile(`${folder}/pid`));
    Deno.kill(holder, "SIGUSR2");
    await peer.said(/^listening on/, n + 1);
    await peer.said(/: Gone/, WORKERS * n);
    while (await isAlive(holder)) await loop.sleep(10);
  });
}
await Deno.remove(folder, { recursive: true });
Deno.exit(lost === 0 ? 0 : 1);

async function isAlive(pid: number): Promise<boolean> {
  try {
    return !/^State:\s+Z/m.test(await Deno.readTextFile(`/proc/${pid}/status`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
