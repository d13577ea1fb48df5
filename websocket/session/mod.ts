/**
 * Sessions of web applications, read and written from sockets.
 *
 * @module
 */
export {
  type ExpressCookie,
  JsonSessionCodec,
  type JsonSessionCodecOptions,
  PhpSessionCodec,
  type PhpSessionCodecOptions,
  type SessionCodec,
  type SessionDecodeResult,
  type SessionDocument,
} from "./codec.ts";
export { type RegenerateOptions, Session } from "./session.ts";
export { SessionCookie, type SessionCookieOptions } from "./session_cookie.ts";
export {
  SessionConflictError,
  SessionFormatError,
  SessionGoneError,
  SessionStoreError,
} from "./session_error.ts";
export { isSessionId } from "./session_id.ts";
export { sessionOf, SessionProvider, type SessionProviderOptions } from "./session_provider.ts";
export {
  type CookieHolder,
  type OpenSessionOptions,
  Sessions,
  type SessionsOptions,
} from "./sessions.ts";
export type { SessionStore, SessionWrite, StoredSession } from "./session_store.ts";
export { signCookie, unsignCookie } from "./signed_cookie.ts";
export { KvSessionStore, type KvSessionStoreOptions } from "./stores/kv_session_store.ts";
export {
  MemorySessionStore,
  type MemorySessionStoreOptions,
} from "./stores/memory_session_store.ts";
export type { RedisSessionLayout } from "./stores/redis_session_layout.ts";
export { RedisSessionStore, type RedisSessionStoreOptions } from "./stores/redis_session_store.ts";
