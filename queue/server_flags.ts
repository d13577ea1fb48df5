import { STORES } from "./open_store.ts";

/** The flags of `server.ts`. */
export const SERVER_FLAGS = {
  store: {
    type: "text",
    default: "kv:queue.db",
    value: STORES,
    help: "where jobs are kept; several servers may share a Redis",
  },
  hostname: {
    type: "text",
    default: "127.0.0.1",
    value: "HOST",
    help: "interface to listen on",
  },
  allow: {
    type: "text",
    value: "RANGE,…",
    help: "who may connect to the sockets (default this machine)",
  },
  line: { type: "integer", default: 8001, most: 65_535, help: "port of the line protocol" },
  beanstalk: {
    type: "integer",
    default: 11_300,
    most: 65_535,
    help: "port of the beanstalk protocol",
  },
  "max-job": {
    type: "integer",
    default: 65_535,
    least: 1,
    most: 16_777_216,
    help: "largest job put by the beanstalk protocol in bytes",
  },
  http: { type: "integer", most: 65_535, value: "PORT", help: "port of HTTP (default none)" },
  token: {
    type: "text",
    value: "FILE",
    help: "file with the token that HTTP asks for; needed beyond loopback",
  },
  "php-jobs": {
    type: "text",
    value: "CLASS[=JOB],…",
    help: "classes of PHP that are jobs, and their names",
  },
  "max-jobs": {
    type: "integer",
    default: 20_000_000,
    least: 1,
    most: 1_000_000_000,
    help: "most jobs kept",
  },
  "max-line": {
    type: "integer",
    default: 1_048_576,
    least: 64,
    most: 16_777_216,
    help: "longest line in bytes",
  },
  "line-timeout": {
    type: "seconds",
    default: 30,
    least: 1,
    most: 86_400,
    help: "how long a line may take to come in seconds",
  },
  "line-idle": {
    type: "seconds",
    least: 1,
    most: 31_536_000,
    value: "SECONDS",
    help: "how long a sender of lines may be silent (default for ever)",
  },
  "max-reserved": {
    type: "integer",
    default: 10_000,
    least: 1,
    most: 1_000_000,
    help: "most jobs reserved by a beanstalk connection",
  },
  "stats-every": {
    type: "seconds",
    least: 1,
    most: 86_400,
    value: "SECONDS",
    help: "log the counters so often",
  },
} as const;
