import type { Application, CloseInfo } from "../application.ts";
import { Attribute } from "../attribute.ts";
import { Component } from "../component.ts";
import type { Connection } from "../connection.ts";
import { PreparedMessage } from "../prepared_message.ts";
import type { Relay } from "../relay/relay.ts";
import { decodeRoomMessage, encodeRoomMessage } from "../relay/room_message.ts";

/** Options of {@linkcode Rooms}. */
export interface RoomsOptions {
  /**
   * Most rooms with somebody in them.
   *
   * @default {65_536}
   */
  maxRooms?: number;
  /**
   * Most rooms a connection can be in.
   *
   * @default {64}
   */
  maxRoomsPerConnection?: number;
  /**
   * The way to the rooms of other processes and machines, for messages to a room.
   *
   * @default {none: there are no others}
   */
  relay?: Relay;
}

/** What a relay calls the messages to rooms. */
const RELAY_CHANNEL = "rooms";

const NOBODY: ReadonlySet<Connection> = new Set();

/**
 * Groups of connections by name. A room is there while somebody is in it; a
 * connection that closes leaves all of its rooms, before the application is told.
 *
 * @example Talk to those in the same room
 * ```ts
 * import { Rooms, WsServer } from "@sluice/sluice/websocket";
 *
 * const rooms: Rooms = new Rooms({
 *   onOpen: (connection) => void rooms.join(connection, connection.request.url.pathname),
 *   onMessage(connection, message) {
 *     for (const room of rooms.of(connection)) {
 *       rooms.broadcast(room, message, { except: connection });
 *     }
 *   },
 * });
 * new WsServer(rooms);
 * ```
 */
export class Rooms extends Component {
  readonly #rooms = new Map<string, Set<Connection>>();
  readonly #joined = new Attribute<Set<string>>("rooms");
  readonly #maxRooms: number;
  readonly #maxRoomsPerConnection: number;
  readonly #relay: Relay | undefined;

  /**
   * Wraps an application.
   *
   * @param inner What it wraps.
   * @param options See {@linkcode RoomsOptions}.
   * @throws {TypeError} When `inner` can't stand there.
   */
  constructor(inner: Application, options: RoomsOptions = {}) {
    super(inner);
    this.#maxRooms = options.maxRooms ?? 65_536;
    this.#maxRoomsPerConnection = options.maxRoomsPerConnection ?? 64;
    this.#relay = options.relay;
    this.#relay?.listen(RELAY_CHANNEL, (bytes) => {
      const message = decodeRoomMessage(bytes);
      if (message !== null) this.#deliver(message.room, new PreparedMessage(message.data));
    });
  }

  /** How many rooms have somebody in them. */
  get size(): number {
    return this.#rooms.size;
  }

  /** The rooms that have somebody in them. */
  names(): IterableIterator<string> {
    return this.#rooms.keys();
  }

  /** Those in a room. */
  members(room: string): ReadonlySet<Connection> {
    return this.#rooms.get(room) ?? NOBODY;
  }

  /** The rooms that a connection is in. */
  of(connection: Connection): readonly string[] {
    return [...connection.attributes.get(this.#joined) ?? []];
  }

  /**
   * Puts a connection into a room; does nothing when it is there, or not open.
   *
   * @throws {RangeError} When there are too many rooms, or the connection is in too many.
   */
  join(connection: Connection, room: string): void {
    if (connection.state !== "open") return;
    const joined = connection.attributes.get(this.#joined) ?? new Set<string>();
    if (joined.has(room)) return;
    if (joined.size >= this.#maxRoomsPerConnection) {
      throw new RangeError(`Cannot join ${room} as the connection is in ${joined.size} rooms`);
    }
    let members = this.#rooms.get(room);
    if (members === undefined) {
      if (this.#rooms.size >= this.#maxRooms) {
        throw new RangeError(`Cannot join ${room} as there are ${this.#maxRooms} rooms`);
      }
      members = new Set();
      this.#rooms.set(room, members);
    }
    members.add(connection);
    joined.add(room);
    connection.attributes.set(this.#joined, joined);
  }

  /**
   * Takes a connection out of a room.
   *
   * @returns Whether it was there.
   */
  leave(connection: Connection, room: string): boolean {
    const members = this.#rooms.get(room);
    if (members === undefined || !members.delete(connection)) return false;
    if (members.size === 0) this.#rooms.delete(room);
    connection.attributes.get(this.#joined)?.delete(room);
    return true;
  }

  /**
   * Sends a message to all in a room, at other servers too; it is encoded once.
   *
   * @param room The room.
   * @param data Text for a string, binary for bytes.
   * @param options A connection that is left out.
   * @returns How many it was sent to by this server.
   */
  broadcast(
    room: string,
    data: string | Uint8Array | PreparedMessage,
    options: { except?: Connection } = {},
  ): number {
    const message = data instanceof PreparedMessage ? data : new PreparedMessage(data);
    this.#relay?.send(RELAY_CHANNEL, encodeRoomMessage({ room, data: message.data }));
    return this.#deliver(room, message, options.except);
  }

  /** Takes the connection out of its rooms, then passes its end on. */
  override onClose(connection: Connection, close: CloseInfo): void | Promise<void> {
    for (const room of this.of(connection)) this.leave(connection, room);
    return super.onClose(connection, close);
  }

  #deliver(room: string, message: PreparedMessage, except?: Connection): number {
    let count = 0;
    for (const connection of this.members(room)) {
      if (connection === except) continue;
      connection.send(message);
      count++;
    }
    return count;
  }
}
