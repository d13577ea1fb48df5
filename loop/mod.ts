/**
 * The event loop that everything else stands on: four phases, timers, and
 * sockets over interchangeable pollers.
 *
 * @module
 */
export { BlockPool, type BlockPoolOptions } from "./block_pool.ts";
export { type Clock, SystemClock } from "./clock.ts";
export type { DatagramBatch, DatagramOptions, DatagramSocket, DatagramStats } from "./datagram.ts";
export { EventLoop, type EventLoopOptions } from "./event_loop.ts";
export { formatAddress } from "./format_address.ts";
export { type Callback, Handle, type HandleOptions } from "./handle.ts";
export { formatIp, parseIp } from "./ip_address.ts";
export { IpRange } from "./ip_range.ts";
export { ListenError, type ListenErrorCode } from "./listen_error.ts";
export { openKvFile } from "./open_kv.ts";
export { Outbox, type OutboxOptions } from "./outbox.ts";
export { PeerTable, type PeerTableOptions, type SocketAddress } from "./peer_table.ts";
export { macrotask } from "./macrotask.ts";
export type { LoopStats, Phase } from "./phase_meter.ts";
export type { Poller, PollerHost, PollerName } from "./poller.ts";
export { type RandomSource, SeededRandom, SystemRandom } from "./random.ts";
export { type CrashOptions, SimulatedHost } from "./simulated/host.ts";
export { showsToken } from "./shows_token.ts";
export { SimulatedNat } from "./simulated/nat.ts";
export type { NatOptions } from "./simulated/nat_table.ts";
export {
  type Partition,
  SimulatedNetwork,
  type SimulatedNetworkOptions,
} from "./simulated/network.ts";
export type { NetworkFaults } from "./simulated/network_faults.ts";
export type { NetworkEvent, NetworkStats } from "./simulated/network_trace.ts";
export { SimulationError } from "./simulated/simulation_error.ts";
export {
  type ConnectOptions,
  type ConnectTls,
  type ListenerStats,
  type ListenOptions,
  type ListenTls,
  type StreamAddress,
  StreamError,
  type StreamErrorCode,
  type StreamHandlers,
  type StreamListener,
  type StreamOptions,
  type StreamSocket,
  type WriteOptions,
} from "./stream.ts";
export { UnknownHostError } from "./resolve_hostname.ts";
export { MissingFeatureError, reexec, selfCommand, type UnstableFeature } from "./reexec.ts";
export { WriteQueue, type WriteQueueOptions } from "./write_queue.ts";
