import type { EventLoop } from "../loop/mod.ts";
import { here, PeerProcess } from "./process.ts";
import { SupervisedPeer } from "./supervised.ts";

const ownSession = true;

/** Something that serves the application of the benchmark with several workers. */
export interface PreforkPeer {
  /** What it is called. */
  name: string;
  /** Its port. */
  port: number;
  /** The processes that were started; workers may descend from them. */
  processes: PeerProcess[];
}

/** Options of {@linkcode startPreforkPeers}. */
export interface PreforkPeersOptions {
  /** The loop. */
  loop: EventLoop;
  /** How many workers each has. */
  workers: number;
  /** Whether the application does something; others than those in JavaScript are left out then. */
  works: boolean;
  /** Where configuration may be written. */
  folder: string;
}

/**
 * Starts all that are compared, in sessions of their own as workers of a supervisor are; the first
 * one is what the others are compared with.
 */
export async function startPreforkPeers(options: PreforkPeersOptions): Promise<PreforkPeer[]> {
  const peers = await denoPeers(options);
  if (!options.works) peers.push(...await otherPeers(options));
  return peers;
}

async function denoPeers({ loop, workers, works }: PreforkPeersOptions): Promise<PreforkPeer[]> {
  const env: Record<string, string> = works ? { WORK: "1" } : {};
  const peers: PreforkPeer[] = [];
  const add = (name: string, processes: PeerProcess[]): void => {
    peers.push({ name, port: processes[0].port, processes });
  };
  for (const count of [workers, 1]) {
    const options = {
      program: here("peers/http_deno.ts"),
      args: [String(freePort())],
      env,
      ownSession,
    };
    const processes: PeerProcess[] = [];
    for (let i = 0; i < count; i++) processes.push(await PeerProcess.start(options));
    add(count === 1 ? "only one process" : `${count} processes by hand`, processes);
  }
  for (const share of ["reuseport", "inherit"]) {
    const flags = ["-w", String(workers), "--share", share, ...works ? ["--env", "WORK=1"] : []];
    const { process } = await SupervisedPeer.start(loop, ...flags);
    add(`sluice, ${share}`, [process]);
  }
  const flags = ["serve", "--parallel", "-A", "--host", "127.0.0.1", "--port", String(freePort())];
  const parallel = await PeerProcess.start({
    program: Deno.execPath(),
    args: [...flags, here("peers/http_app.ts")],
    env: { ...env, DENO_JOBS: String(workers), NO_COLOR: "1" },
    port: /Listening on .*:(\d+)/,
    ownSession,
  });
  add("deno serve --parallel", [parallel]);
  const args = [here("peers/http_cluster.mjs"), String(freePort()), String(workers)];
  add("node:cluster", [await PeerProcess.start({ program: "node", args, env, ownSession })]);
  return peers;
}

async function otherPeers({ workers, folder }: PreforkPeersOptions): Promise<PreforkPeer[]> {
  const at = () => `127.0.0.1:${freePort()}`;
  const rack = here("peers/http_rack.ru");
  const count = String(workers);
  const commands: Record<string, string[]> = {
    gunicorn: ["-w", count, "-b", at(), "--chdir", here("peers"), "http_wsgi"],
    puma: ["-w", count, "-t", "1:1", "-b", `tcp://${at()}`, rack],
    unicorn: ["-l", at(), "-c", `${folder}/unicorn.rb`, rack],
  };
  await Deno.writeTextFile(`${folder}/unicorn.rb`, `worker_processes ${workers}\n`);
  const port = /[Ll]istening (?:on|at|on addr=).*?:(\d+)/;
  const peers: PreforkPeer[] = [];
  for (const [program, args] of Object.entries(commands)) {
    if (!await installed(program)) console.log(`${program} is not installed`);
    else {
      const process = await PeerProcess.start({ program, args, port, ownSession });
      peers.push({ name: program, port: process.port, processes: [process] });
    }
  }
  return peers;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function installed(program: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`] })
    .output();
  return success;
}
