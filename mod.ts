/**
 * Network building blocks that need no infrastructure: change notification over
 * UDP, a job queue, WebSocket sessions and process supervision on one event loop.
 * The main classes of all modules; each module's own entry point has the rest
 * and brings in nothing of the others.
 *
 * @module
 */
export { EventLoop, type EventLoopOptions } from "./loop/mod.ts";
export {
  type Change,
  ClientSet,
  type ClientSetOptions,
  KvModstampStore,
  type ListenOptions as ModstampListenOptions,
  MemoryModstampStore,
  ModstampClient,
  type ModstampClientOptions,
  ModstampServer,
  type ModstampServerOptions,
  type ModstampServerStats,
  type ModstampStore,
  type ModstampValue,
  SecurityProfile,
  type ValueStrategy,
} from "./modstamp/mod.ts";
export { Supervisor, type SupervisorOptions } from "./prefork/mod.ts";
export {
  defineJobs,
  Job,
  JobQueue,
  type JobQueueOptions,
  type JobStore,
  KvJobStore,
  MemoryJobStore,
} from "./queue/mod.ts";
export {
  AggregateApplication,
  type Application,
  type Connection,
  SessionProvider,
  WampServer,
  WsServer,
  type WsServerOptions,
} from "./websocket/mod.ts";
