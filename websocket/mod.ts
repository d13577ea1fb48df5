/**
 * WebSocket: a server on the event loop, and components that wrap applications.
 *
 * @module
 */
export type { Application, CloseInfo, Subprotocols } from "./application.ts";
export { Attribute, Attributes } from "./attribute.ts";
export { checkApplication, nameOf } from "./check_application.ts";
export { Component, findComponent, subprotocolsOf } from "./component.ts";
export { type Connection, ConnectionClosedError, type ConnectionState } from "./connection.ts";
export type { HandshakeAnswer, HandshakeRequest } from "./handshake_request.ts";
export { PreparedMessage } from "./prepared_message.ts";
