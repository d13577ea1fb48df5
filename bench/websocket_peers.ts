import { compile } from "./compile.ts";
import { install } from "./install.ts";
import { here, PeerProcess } from "./process.ts";

/** A server that is measured. */
export interface WebSocketPeer {
  /** What it is called. */
  readonly name: string;
  /** Its process. */
  readonly process: PeerProcess;
  /** What the load generator is told beside the rest. */
  readonly args: readonly string[];
}

/** This package's servers, those beside it, and what puts load on them. */
export class WebSocketPeers implements AsyncDisposable {
  /** The servers, this package's first. */
  readonly all: readonly WebSocketPeer[];
  /** The load generator. */
  readonly load: string;
  readonly #folder: string;

  private constructor(folder: string, load: string, all: readonly WebSocketPeer[]) {
    this.#folder = folder;
    this.load = load;
    this.all = all;
  }

  /**
   * Starts all that can be had here.
   *
   * @throws {TypeError} When there is no C compiler.
   */
  static async start(): Promise<WebSocketPeers> {
    const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
    const load = await compile("ws_load.c", folder);
    const bare = await compile("ws_echo.c", folder);
    if (load === null || bare === null) {
      throw new TypeError("Cannot measure as the load generator needs a C compiler");
    }
    const peers: WebSocketPeer[] = [];
    const add = async (
      name: string,
      options: Parameters<typeof PeerProcess.start>[0],
      args: string[] = [],
    ): Promise<void> => {
      peers.push({ name, process: await PeerProcess.start(options), args });
    };
    const portable = { SLUICE_POLLER: "portable" };
    await add("sluice", { program: here("peers/ws_sluice.ts") });
    await add("sluice, portable poller", { program: here("peers/ws_sluice.ts"), env: portable });
    await add("sluice, mounted", { program: here("peers/ws_mounted.ts") });
    await add("Deno.upgradeWebSocket", { program: here("peers/ws_deno.ts") });
    if (await install(folder, "ws@8", "socket.io@4")) {
      await add("ws (Node)", { program: "node", args: [here("peers/ws_node.mjs"), folder] });
      const socketio = { program: "node", args: [here("peers/ws_socketio.mjs"), folder] };
      await add("Socket.IO (Node)", socketio, ["socketio"]);
    }
    await add("C, without checks", { program: bare });
    return new WebSocketPeers(folder, load, peers);
  }

  /** Ends them. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.all) await process[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
