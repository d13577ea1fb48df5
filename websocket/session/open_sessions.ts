import type { EventLoop } from "../../loop/mod.ts";
import { isRedisUrl, parseRedisUrl, type RedisConnectionOptions } from "../../redis/mod.ts";
import { JsonSessionCodec } from "./json_session_codec.ts";
import { PhpSessionCodec } from "./php_session_codec.ts";
import type { SessionCodec } from "./session_codec.ts";
import type { SessionStore } from "./session_store.ts";
import { Sessions } from "./sessions.ts";
import { KvSessionStore } from "./stores/kv_session_store.ts";
import { MemorySessionStore } from "./stores/memory_session_store.ts";
import type { RedisSessionLayout } from "./stores/redis_session_layout.ts";
import { RedisSessionStore } from "./stores/redis_session_store.ts";

/** Names of the forms of sessions. */
export const SESSION_CODECS = ["json", "php", "php_binary", "php_serialize"] as const;

/** How long a program that starts waits for its Redis. */
const PATIENCE_MS = 30_000;

/** The sessions of a program, described in words of a command line. */
export interface OpenSessionsOptions
  extends Pick<RedisConnectionOptions, "onTrouble" | "onRecovery"> {
  /** `kv:PATH`, `memory:` or the URL of a Redis. */
  store: string;
  /** One of {@linkcode SESSION_CODECS}; `json` by default. */
  codec?: string;
  /** The variable that holds the array with the variables; with PHP's codecs. */
  bag?: string;
  /** Whose keys and locks those in Redis are; by default those of the codec's handler. */
  layout?: string;
  /** The name of the cookie; by default what the web applications of that codec use. */
  cookie?: string;
  /** What cookies are signed by, the first one by which new ones are. */
  secrets: readonly string[];
  /** Whether connections are encrypted. */
  secure: boolean;
  /** How long a session lives without use. */
  ttlMs?: number;
  /** The loop that times the waiting for locks. */
  loop: EventLoop;
}

/**
 * Opens the sessions of a program.
 *
 * @param options See {@linkcode OpenSessionsOptions}.
 * @throws {SyntaxError} When the description is wrong.
 * @throws {SessionStoreError} When the store can't be opened.
 */
export async function openSessions(options: OpenSessionsOptions): Promise<Sessions> {
  const { bag, secrets, secure, ttlMs } = options;
  const form = options.codec ?? "json";
  const codec = makeCodec(form, bag);
  const name = options.cookie ?? cookieName(form, secrets.length > 0);
  const store = await openStore(options, form);
  try {
    return new Sessions(store, { codec, cookie: { name, secrets, secure }, ttlMs });
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a store is called in logs: without user and password. */
export function displayStore(store: string): string {
  return isRedisUrl(store) ? parseRedisUrl(store).display : store;
}

function makeCodec(form: string, bag: string | undefined): SessionCodec {
  switch (form) {
    case "json":
      if (bag === undefined) return new JsonSessionCodec();
      throw new SyntaxError("Cannot keep variables in a bag with codec json: only PHP's have bags");
    case "php":
    case "php_binary":
    case "php_serialize":
      return new PhpSessionCodec({ handler: form, bag });
    default:
      throw new SyntaxError(`Cannot use codec ${form}: it is none of ${SESSION_CODECS.join(", ")}`);
  }
}

function cookieName(form: string, isSigned: boolean): string {
  if (form !== "json") return "PHPSESSID";
  return isSigned ? "connect.sid" : "sid";
}

async function openStore(options: OpenSessionsOptions, form: string): Promise<SessionStore> {
  const { store, layout, loop, onTrouble, onRecovery } = options;
  if (isRedisUrl(store)) {
    const own = form === "json" ? "connect-redis" : "phpredis";
    return await RedisSessionStore.open(store, {
      layout: (layout ?? own) as RedisSessionLayout,
      loop,
      patienceMs: PATIENCE_MS,
      onTrouble,
      onRecovery,
    });
  }
  if (layout !== undefined) {
    throw new SyntaxError(`Cannot use layout ${layout} with ${store}: layouts are Redis's`);
  }
  if (store === "memory:") return new MemorySessionStore();
  if (store.startsWith("kv:") && store.length > 3) return await KvSessionStore.open(store.slice(3));
  throw new SyntaxError(
    `Cannot keep sessions in ${store} as it is not kv:PATH, memory: or redis://HOST`,
  );
}
