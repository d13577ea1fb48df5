/**
 * A WebSocket client for browsers that connects again, and resumes topics. The
 * module that it takes from `client/reconnecting_client.js` is plain JavaScript
 * without imports: a page can load that file as it is.
 *
 * @module
 */
export {
  ReconnectingClient,
  type ReconnectingClientEvents,
  type ReconnectingClientOptions,
  type ReconnectingClientState,
  type ReconnectingCloseEvent,
  TopicEvent,
} from "./client/reconnecting_client.js";
