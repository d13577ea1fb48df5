/**
 * Saves a session in the file of the first argument again and again: under the
 * id of the second, a list that is too big for one record, all of whose values
 * are the number of the save. Writes a line for each save that is done.
 *
 * @module
 */
import { KvSessionStore, Sessions } from "../../../websocket/mod.ts";

const LENGTH = 60_000;

const [path, id] = Deno.args;
const sessions = new Sessions(await KvSessionStore.open(path));
const session = (await sessions.open(id, { create: true }))!;
for (let round = Number(session.get("round") ?? 0) + 1;; round++) {
  session.set("round", round);
  session.set("values", new Array(LENGTH).fill(round));
  await session.save();
  await Deno.stdout.write(new TextEncoder().encode(`${round}\n`));
}
