/**
 * How the workers of a supervisor come to listen on one port:
 *
 * - `reuseport`: each has a socket of its own (SO_REUSEPORT), among which the kernel deals out
 *   connections evenly;
 * - `inherit`: all accept from one socket that the supervisor opened and hands down;
 * - `none`: there is no port to share.
 */
export type Share = "reuseport" | "inherit" | "none";
