/** The part of npm's express-session that the tests use. */
export type Data = Record<string, unknown>;

export type Done = (error?: unknown, data?: Data | null) => void;

export declare class Store {
  createSession(request: unknown, data: Data): Data;
}

declare const session: ((options: object) => unknown) & { Store: typeof Store };
export default session;
