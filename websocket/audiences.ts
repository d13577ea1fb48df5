import type { Application } from "./application.ts";
import { Component } from "./component.ts";
import { AggregateApplication } from "./components/aggregate_application.ts";
import { Rooms } from "./components/rooms.ts";
import { Topics } from "./components/topics.ts";
import { WampServer } from "./wamp/wamp_server.ts";

/** Connections that hear the same. */
export interface Audience {
  /** What they are in: a room, a topic, or the topics that fit a pattern of WAMP. */
  readonly kind: string;
  /** What that is called. */
  readonly name: string;
  /** How many they are. */
  readonly size: number;
}

/** The rooms and topics of an application and all that it wraps. */
export function* audiencesOf(application: Application): IterableIterator<Audience> {
  if (application instanceof Rooms) {
    for (const name of application.names()) {
      yield { kind: "room", name, size: application.members(name).size };
    }
  }
  if (application instanceof Topics) {
    for (const name of application.names()) {
      yield { kind: "topic", name, size: application.subscribers(name).size };
    }
  }
  if (application instanceof WampServer) {
    for (const { realm, uri, match, subscribers } of application.subscriptions()) {
      const kind = `WAMP ${match === "exact" ? "topic" : match} in ${realm}`;
      yield { kind, name: uri, size: subscribers };
    }
  }
  if (application instanceof AggregateApplication) {
    for (const each of application.applications) yield* audiencesOf(each);
  }
  if (application instanceof Component) yield* audiencesOf(application.inner);
}
