/**
 * The WebSocket application of the chaos run: keeps a number in the web session, and lets those in
 * a room hear each other, with numbers that show when one is missing.
 *
 * @module
 */
import { type Connection, Rooms, sessionOf } from "../../../websocket/mod.ts";

/** Tells the numbers of this process from those of the one before it. */
const boot = crypto.randomUUID();
let spoken = 0;

const rooms: Rooms = new Rooms({
  async onOpen(connection: Connection): Promise<void> {
    const session = sessionOf(connection);
    await session.reload();
    connection.send(`hello ${session.get("number") ?? 0}`);
    rooms.join(connection, "all");
  },
  async onMessage(connection: Connection, message: string | Uint8Array): Promise<void> {
    const [what, number] = String(message).split(" ");
    if (what === "say") return void rooms.broadcast("all", `said ${boot} ${++spoken}`);
    const session = sessionOf(connection);
    session.set("number", Number(number));
    await session.save();
    connection.send(`saved ${number} ${session.id}`);
  },
});

export default rooms;
