/**
 * WebSocket: a server on the event loop, and components that wrap applications.
 *
 * @module
 */
export type { Application, CloseInfo, Subprotocols } from "./application.ts";
export { Attribute, Attributes } from "./attribute.ts";
export { checkApplication, nameOf } from "./check_application.ts";
export { AggregateApplication } from "./components/aggregate_application.ts";
export { IpBlocklist, type IpBlocklistOptions } from "./components/ip_blocklist.ts";
export { OriginCheck, type OriginCheckOptions } from "./components/origin_check.ts";
export { Rooms, type RoomsOptions } from "./components/rooms.ts";
export { Topics, TOPICS_SUBPROTOCOL, type TopicsOptions } from "./components/topics.ts";
export { Component, findComponent, subprotocolsOf } from "./component.ts";
export { type Connection, ConnectionClosedError, type ConnectionState } from "./connection.ts";
export type { HandshakeAnswer, HandshakeRequest } from "./handshake_request.ts";
export type { MountInfo } from "./mounted/mount.ts";
export { PreparedMessage } from "./prepared_message.ts";
export { CloseCode, isSendableCode } from "./protocol/close_code.ts";
export * from "./relay/mod.ts";
export type { DeflateOptions } from "./server/deflate_options.ts";
export type { WsServerOptions } from "./server/server_options.ts";
export type { ServerCounters, ServerStats } from "./server/server_stats.ts";
export { type BroadcastOptions, type WsListenOptions, WsServer } from "./server/ws_server.ts";
export * from "./session/mod.ts";
export * from "./wamp/mod.ts";
