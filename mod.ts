/**
 * Network building blocks that need no infrastructure: change notification over
 * UDP and the event loop it stands on. The main classes of all modules; each
 * module's own entry point has the rest and brings in nothing of the others.
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
