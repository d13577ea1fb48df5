import type { Server } from "node:http";

/** The part of npm's express that the tests use. */
export interface Request {
  readonly query: Record<string, string>;
  readonly session: Record<string, unknown> & { regenerate(done: () => void): void };
  readonly sessionID: string;
}

export interface Response {
  json(value: unknown): void;
}

export interface Application {
  use(middleware: unknown): void;
  get(path: string, handler: (request: Request, response: Response) => unknown): void;
  listen(port: number, hostname: string, done: () => void): Server;
}

declare const express: () => Application;
export default express;
