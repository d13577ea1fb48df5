import { decodeStoreFrame, encodeStoreFrame, type StoreFrame } from "./_store_frame.ts";
import type { ModstampStore } from "./store.ts";

/** Values of a frame that tells all of them. */
const LOAD_CHUNK = 200;
/** Commits that are merged at once; versions of a shared store leave room for so many. */
const MAX_MERGED = 1000;

/** One server's way to the owner of its store. */
export interface OwnedLink {
  /** Takes a message of the server. */
  receive(bytes: Uint8Array): void;
  /** Forgets the server. */
  close(): void;
}

interface Server {
  send: (bytes: Uint8Array) => boolean;
  /** What others change while the server loads, which may have read the values before. */
  backlog: StoreFrame[] | null;
}

interface Commit {
  server: Server;
  sequence: number;
  changes: Map<string, Uint8Array>;
}

/**
 * Shares one store among several servers: commits of all that come during one
 * synced write form the next, and each server is told what the others changed,
 * everybody in the same order. The other end is a `LinkedModstampStore`.
 */
export class StoreOwner {
  readonly #store: ModstampStore;
  readonly #servers = new Set<Server>();
  readonly #waiting: Commit[] = [];
  #writing = false;
  #version = 0;

  /**
   * Makes an owner.
   *
   * @param store The store, which nobody else uses meanwhile.
   */
  constructor(store: ModstampStore) {
    this.#store = store;
    store.subscribe?.((changes, version) => {
      const values = new Map(changes);
      for (const server of this.#servers) {
        tell(server, { kind: "values", changes: values, version });
      }
    });
  }

  /**
   * Adds a server.
   *
   * @param send Sends a message to the server, in order.
   */
  attach(send: (bytes: Uint8Array) => boolean): OwnedLink {
    const server: Server = { send, backlog: null };
    return {
      receive: (bytes) => this.#receive(server, bytes),
      close: () => void this.#servers.delete(server),
    };
  }

  #receive(server: Server, bytes: Uint8Array): void {
    const frame = decodeStoreFrame(bytes);
    if (frame?.kind === "load") void this.#load(server);
    if (frame?.kind !== "commit") return;
    this.#waiting.push({ server, sequence: frame.sequence, changes: frame.changes });
    if (!this.#writing) void this.#write();
  }

  async #load(server: Server): Promise<void> {
    const backlog: StoreFrame[] = server.backlog = [];
    this.#servers.add(server);
    let changes = new Map<string, Uint8Array>();
    try {
      await this.#store.load((id, value) => {
        changes.set(id, value);
        if (changes.size < LOAD_CHUNK) return;
        server.send(encodeStoreFrame({ kind: "values", changes, version: 0 }));
        changes = new Map();
      });
    } catch (error) {
      this.#servers.delete(server);
      server.send(encodeStoreFrame({ kind: "failed", sequence: 0, reason: reasonOf(error) }));
      return;
    }
    server.send(encodeStoreFrame({ kind: "values", changes, version: 0 }));
    server.send(encodeStoreFrame({ kind: "loaded" }));
    server.backlog = null;
    for (const frame of backlog) tell(server, frame);
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const commits = this.#waiting.splice(0, MAX_MERGED);
      const merged = new Map<string, Uint8Array>();
      for (const { changes } of commits) for (const [id, value] of changes) merged.set(id, value);
      try {
        const version = await this.#store.commit(merged) ?? this.#version + commits.length;
        for (const [i, commit] of commits.entries()) {
          this.#version = version - (commits.length - 1 - i);
          this.#publish(commit);
        }
      } catch (error) {
        const reason = reasonOf(error);
        for (const { server, sequence } of commits) {
          tell(server, { kind: "failed", sequence, reason });
        }
        await this.#reconcile(merged.keys());
      }
    }
    this.#writing = false;
  }

  /** Tells all servers what the store holds of a write that failed, which may be all of it. */
  async #reconcile(ids: Iterable<string>): Promise<void> {
    // A store that tells what it holds needs not be asked.
    if (this.#store.subscribe !== undefined) return;
    const changes = new Map(Array.from(ids, (id) => [id, new Uint8Array() as Uint8Array]));
    try {
      await this.#store.load((id, value) => {
        if (changes.has(id)) changes.set(id, value);
      });
    } catch {
      // A store that can't be read either is asked again after the next failed write.
      return;
    }
    const version = ++this.#version;
    for (const server of this.#servers) tell(server, { kind: "values", changes, version });
  }

  #publish({ server, sequence, changes }: Commit): void {
    const version = this.#version;
    tell(server, { kind: "committed", sequence, version });
    for (const other of this.#servers) {
      if (other !== server) tell(other, { kind: "values", changes, version });
    }
  }
}

function tell(server: Server, frame: StoreFrame): void {
  if (server.backlog !== null) server.backlog.push(frame);
  else server.send(encodeStoreFrame(frame));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
