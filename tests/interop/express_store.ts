// @ts-types="./express_session.d.ts"
import session, { type Data, type Done } from "express-session";
import type { Session, Sessions } from "../../websocket/mod.ts";

/**
 * A store of express-session on our sessions. It writes what a request has
 * changed and nothing else, so that what sockets write meanwhile is not lost.
 */
export class ExpressStore extends session.Store {
  readonly #sessions: Sessions;
  /** What requests have opened, by the data that express-session works with. */
  readonly #opened = new WeakMap<Data, Session>();

  constructor(sessions: Sessions) {
    super();
    this.#sessions = sessions;
  }

  get(id: string, done: Done): void {
    this.#finish(this.#get(id), done);
  }

  set(id: string, data: Data, done: Done): void {
    this.#finish(this.#set(id, data), done);
  }

  touch(id: string, data: Data, done: Done): void {
    this.#finish(this.#set(id, data), done);
  }

  destroy(id: string, done: Done): void {
    this.#finish(this.#sessions.open(id).then((opened) => opened?.destroy()), done);
  }

  override createSession(request: unknown, data: Data): Data {
    const made = super.createSession(request, data);
    const opened = this.#opened.get(data);
    if (opened !== undefined) this.#opened.set(made, opened);
    return made;
  }

  async #get(id: string): Promise<Data | null> {
    const opened = await this.#sessions.open(id);
    if (opened === null) return null;
    const data = Object.fromEntries(opened.keys().map((key) => [key, opened.get(key)]));
    this.#opened.set(data, opened);
    return data;
  }

  async #set(id: string, data: Data): Promise<void> {
    const opened = this.#opened.get(data) ?? (await this.#sessions.open(id, { create: true }))!;
    const plain = JSON.parse(JSON.stringify(data)) as Data;
    for (const key of opened.keys()) if (!(key in plain)) opened.delete(key);
    for (const [key, value] of Object.entries(plain)) {
      if (JSON.stringify(value) !== JSON.stringify(opened.get(key))) opened.set(key, value);
    }
    await opened.save();
  }

  #finish(work: Promise<Data | null | void>, done: Done): void {
    work.then((data) => done(null, data ?? null), (error) => done(error));
  }
}
