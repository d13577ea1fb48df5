/**
 * Messages between the servers of several processes and machines.
 *
 * @module
 */
export { BusRelay, type RelayBus } from "./bus_relay.ts";
export { KvRelay, type KvRelayOptions } from "./kv_relay.ts";
export { MemoryRelay } from "./memory_relay.ts";
export { RedisRelay, type RedisRelayOptions } from "./redis_relay.ts";
export type { Relay, RelayHandler } from "./relay.ts";
