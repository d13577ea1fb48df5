import { BaseStream, type BaseStreamOptions } from "../base_stream.ts";
import { streamFailure } from "../stream_failure.ts";
import type { SimulatedPoller, SimulatedSource } from "./poller.ts";
import type { StreamEnd } from "./stream_end.ts";

/** Bytes read at a time. */
const READ_BYTES = 65_536;
/** Overwrites what was read once it was handled, so that nobody can go on reading it. */
const POISON = 0xdb;

/** A stream in the simulated network. */
export class SimulatedStream extends BaseStream implements SimulatedSource {
  readonly #poller: SimulatedPoller;
  readonly #end: StreamEnd;
  #chunk: Uint8Array<ArrayBuffer> | null = null;
  #marked = false;
  #readWanted = false;
  #vanishing = false;
  #released = false;
  #progress: (() => void) | null = null;

  constructor(
    poller: SimulatedPoller,
    options: Pick<BaseStreamOptions, "settings" | "onGone"> & { end: StreamEnd },
  ) {
    const { end } = options;
    super({
      ...options,
      host: poller.loop,
      pool: poller.pool,
      localAddress: end.localAddress,
      remoteAddress: end.remoteAddress,
    });
    this.#poller = poller;
    this.#end = end;
    end.owner = () => this.#mark();
    poller.add(this);
  }

  respond(): void {
    this.#marked = false;
    if (this.#released) return;
    this.#write();
    if (this.#readWanted && !this.#released) this.#read();
  }

  async flush(): Promise<void> {
    const timer = this.#poller.machine.world.time.after(this.lingerMs, () => this.drop());
    this.respond();
    while (!this.#released && this.queue.length > 0) {
      await new Promise<void>((resolve) => this.#progress = resolve);
      this.respond();
    }
    timer.cancel();
  }

  vanish(silent: boolean): void {
    this.#vanishing = silent;
    if (!silent) this.#end.close(true);
  }

  protected wantRead(): void {
    this.#readWanted = true;
    this.#chunk?.fill(POISON);
    this.#chunk = null;
    if (this.#end.readable) this.#mark();
  }

  protected wantWrite(): void {
    this.#mark();
  }

  protected release(options: { reset: boolean }): void {
    this.#released = true;
    this.#end.owner = null;
    if (this.#vanishing) this.#end.vanish();
    else this.#end.close(options.reset);
    this.#poller.remove(this);
    this.#advance();
  }

  #mark(): void {
    this.#advance();
    if (this.#marked || this.#released) return;
    this.#marked = true;
    this.#poller.markReady(this);
  }

  #write(): void {
    if (this.#end.failure !== null) return this.#failToWrite(this.#end.failure);
    for (let piece = this.queue.peek(); piece !== null; piece = this.queue.peek()) {
      const count = this.#end.send(piece);
      if (count === 0) return;
      this.sent(count);
    }
    if (!this.endRequested) return;
    this.#end.end();
    this.ownEnded();
  }

  #read(): void {
    const { arrivedBytes, failure, peerEnded } = this.#end;
    if (arrivedBytes > 0) {
      this.#readWanted = false;
      this.#chunk = new Uint8Array(Math.min(arrivedBytes, READ_BYTES));
      this.#end.read(this.#chunk);
      this.received(this.#chunk);
    } else if (failure !== null) {
      this.broken(streamFailure("read from stream", failure), "read");
    } else if (peerEnded) {
      this.#readWanted = false;
      this.peerEnded();
    }
  }

  #failToWrite(errno: string): void {
    if (this.queue.length === 0 && !this.endRequested) return;
    this.broken(streamFailure("write to stream", errno), "write");
  }

  #advance(): void {
    this.#progress?.();
    this.#progress = null;
  }
}
