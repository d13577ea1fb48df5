// The package's own types say that its class is a namespace.
interface JackdJob {
  id: string;
  payload: Uint8Array;
}

export default class JackdClient {
  connect(options: { host: string; port: number }): Promise<this>;
  quit(): Promise<void>;
  put(
    payload: string | object,
    options?: { priority?: number; delay?: number; ttr?: number },
  ): Promise<string>;
  use(tube: string): Promise<string>;
  watch(tube: string): Promise<number>;
  ignore(tube: string): Promise<number>;
  reserve(): Promise<JackdJob>;
  reserveWithTimeout(seconds: number): Promise<JackdJob>;
  delete(id: string): Promise<void>;
  release(id: string, options: { priority: number; delay: number }): Promise<void>;
  bury(id: string, priority: number): Promise<void>;
  touch(id: string): Promise<void>;
  peekBuried(): Promise<JackdJob>;
  kick(count: number): Promise<number>;
  kickJob(id: string): Promise<void>;
  statsJob(id: string): Promise<string>;
  listTubeUsed(): Promise<string>;
}
