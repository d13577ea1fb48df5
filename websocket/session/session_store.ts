/** A session as a store has it. */
export interface StoredSession {
  /** Its stored form. */
  readonly bytes: Uint8Array;
  /** Changes with each write; means something to its store only. */
  readonly version: string;
}

/** What {@linkcode SessionStore.write} has to know. */
export interface SessionWrite {
  /** The stored form. */
  readonly bytes: Uint8Array;
  /** The version that is replaced; `null` when there must be none yet. */
  readonly version: string | null;
  /** How long the session lives without use, in milliseconds. */
  readonly ttlMs: number;
}

/** Where sessions are kept. Several processes may use one at the same time. */
export interface SessionStore extends AsyncDisposable {
  /**
   * Reads a session.
   *
   * @param id Its id.
   * @returns The session, or `null` when there is none.
   * @throws {SessionStoreError} When the store can't be read.
   */
  read(id: string): Promise<StoredSession | null>;
  /**
   * Writes a session, provided that nobody else has written it meanwhile.
   *
   * @param id Its id.
   * @param write See {@linkcode SessionWrite}.
   * @returns The version it has now, or `null` when it was not written, as it has another version.
   * @throws {SessionStoreError} When the store can't be written.
   */
  write(id: string, write: SessionWrite): Promise<string | null>;
  /**
   * Lets a session live on for `ttlMs` from now.
   *
   * @returns Whether there is such a session.
   * @throws {SessionStoreError} When the store can't be written.
   */
  touch(id: string, ttlMs: number): Promise<boolean>;
  /**
   * Deletes a session.
   *
   * @param id Its id.
   * @param options The version that it must have, if only that one is to go.
   * @returns Whether it was there in that version.
   * @throws {SessionStoreError} When the store can't be written.
   */
  delete(id: string, options?: { version?: string }): Promise<boolean>;
}
