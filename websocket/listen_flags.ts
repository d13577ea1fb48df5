import { SESSION_CODECS } from "./session/open_sessions.ts";
import { REDIS_SESSION_LAYOUTS } from "./session/stores/redis_session_layout.ts";

/** The flags of `listen.ts`. */
export const LISTEN_FLAGS = {
  port: { type: "integer", short: "p", default: 8000, most: 65_535, help: "port; 0 for any" },
  interface: {
    type: "text",
    short: "i",
    default: "0.0.0.0",
    value: "HOST",
    help: "interface to listen on",
  },
  watch: { type: "boolean", help: "restart when a file of APP changes" },
  cert: { type: "text", value: "FILE", help: "certificate chain in PEM; with --key for TLS" },
  key: { type: "text", value: "FILE", help: "private key in PEM" },
  origins: {
    type: "text",
    value: "LIST",
    help:
      "origins or hosts that pages may come from, * for all (default *, with sessions this host)",
  },
  block: { type: "text", value: "LIST", help: "addresses and ranges that may not connect" },
  "session-store": {
    type: "text",
    value: "kv:PATH|memory:|redis://…",
    help: "where the web sessions are; without it there are none",
  },
  "session-codec": {
    type: "choice",
    choices: SESSION_CODECS,
    value: "FORM",
    help: "their form (default json): json as of express-session, or a handler of PHP",
  },
  "session-bag": {
    type: "text",
    value: "NAME",
    help: "variable of PHP that holds the others: _sf2_attributes for Symfony",
  },
  "session-layout": {
    type: "choice",
    choices: Object.keys(REDIS_SESSION_LAYOUTS),
    value: "NAME",
    help: "whose keys and locks they are in Redis (default connect-redis or phpredis)",
  },
  "session-cookie": {
    type: "text",
    value: "NAME",
    help: "name of the cookie (default sid, signed connect.sid, with PHP PHPSESSID)",
  },
  "session-secret": {
    type: "text",
    value: "FILE",
    help: "file with what signs cookies, a secret a line; the first one signs",
  },
  "session-ttl": {
    type: "seconds",
    least: 1,
    value: "SECONDS",
    help: "how long a session lives without use (default a day)",
  },
  "no-deflate": { type: "boolean", help: "compress no messages" },
  "max-connections": { type: "integer", default: 16_384, least: 1, help: "most connections" },
  "max-connections-per-address": {
    type: "integer",
    least: 1,
    value: "N",
    help: "most connections from one address",
  },
  "max-message-bytes": {
    type: "integer",
    default: 16_777_216,
    least: 1,
    help: "most bytes of a message",
  },
  "max-messages": {
    type: "integer",
    least: 1,
    value: "N",
    help: "most messages a second and connection",
  },
  "ping-every": {
    type: "seconds",
    default: 30,
    help: "ping a peer that was silent for so long; 0 for never",
  },
  "idle-timeout": {
    type: "seconds",
    default: 0,
    help: "close a connection without a message for so long; 0 for never",
  },
  http: {
    type: "integer",
    most: 65_535,
    value: "PORT",
    help: "port of the dashboard on this machine (default none)",
  },
  token: {
    type: "text",
    value: "FILE",
    help: "file with the token that lets people close connections there",
  },
  "stats-every": { type: "seconds", least: 1, value: "SECONDS", help: "log the counters so often" },
} as const;
