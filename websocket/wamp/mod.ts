/**
 * WAMP, versions 1 and 2: publish and subscribe, and remote procedures.
 *
 * @module
 */
export type { InvocationPolicy } from "./registration.ts";
export type { TicketRequest, WampAction, WampServerOptions } from "./server_options.ts";
export { Topic, type TopicBroadcastOptions } from "./topic.ts";
export type { Match } from "./uri.ts";
export {
  type WampApplication,
  type WampCall,
  type WampEvent,
  WampResult,
} from "./wamp_application.ts";
export { type Keywords, WampError, type WampErrorOptions } from "./wamp_error.ts";
export { WampAggregate } from "./wamp_aggregate.ts";
export type { CallWatch, WampObserver } from "./wamp_observer.ts";
export { WampServer, type WampSubscription } from "./wamp_server.ts";
export { type WampIdentity, type WampSession, wampSessionOf } from "./wamp_session.ts";
