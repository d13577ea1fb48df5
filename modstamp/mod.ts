/**
 * Tell thousands of clients behind NAT that a dataset changed.
 *
 * @module
 */
export { AesEncryptor, type AesEncryptorOptions } from "./aes_encryptor.ts";
export {
  type Decrypted,
  type EncryptedBody,
  type Encryptor,
  PlainEncryptor,
  type Refusal,
} from "./encryptor.ts";
export {
  type DecodedMessages,
  decodeHeader,
  decodeMessages,
  encodeHeader,
  encodeMessages,
  isId,
  type Message,
  type MessageKind,
  type PacketHeader,
} from "./codec.ts";
export { KvModstampStore } from "./kv_store.ts";
export { LinkedModstampStore } from "./linked_store.ts";
export { MemoryModstampStore } from "./memory_store.ts";
export type { InspectedId, Inspection, InspectOptions } from "./inspection.ts";
export { ModstampServer } from "./modstamp_server.ts";
export { RedisModstampStore, type RedisModstampStoreOptions } from "./redis_store.ts";
export { RemoteKvModstampStore, type RemoteKvModstampStoreOptions } from "./remote_kv_store.ts";
export { ReplayWindow } from "./replay_window.ts";
export {
  type Encryption,
  type Permission,
  type ProfileEntry,
  SecurityProfile,
  SecurityProfileError,
} from "./security_profile.ts";
export type { ModstampServerOptions } from "./server_options.ts";
export type { ModstampServerStats } from "./server_stats.ts";
export type { ModstampSource, ValueListener } from "./source.ts";
export { type ModstampStore, StoreError } from "./store.ts";
export { StoreSource, type StoreSourceOptions } from "./store_source.ts";
export type { StoreLink } from "./store_link.ts";
export { type OwnedLink, StoreOwner } from "./store_owner.ts";
export type { Change } from "./change.ts";
export type { ListenOptions, ModstampClientOptions, RequestOptions } from "./client_options.ts";
export { ClientSet, type ClientSetOptions } from "./client_set.ts";
export { NoAnswerError, UnconfirmedError, UnreachableError } from "./request_errors.ts";
export { ModstampClient, type ModstampValue } from "./modstamp_client.ts";
export type { ValueStrategy } from "./value_strategy.ts";
