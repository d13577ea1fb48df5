import { assert, assertEquals } from "@std/assert";
import { KvSessionStore, Sessions } from "../../websocket/mod.ts";
import { Program } from "./program.ts";

const ID = "c".repeat(32);
const KILLS = 8;

/** Reads the session; gives its round, and whether it is whole. */
async function read(path: string): Promise<{ round: number; isWhole: boolean }> {
  await using sessions = new Sessions(await KvSessionStore.open(path));
  const session = (await sessions.open(ID))!;
  const values = session.get("values") as number[];
  const round = session.get("round") as number;
  return { round, isWhole: values.length === 60_000 && values.every((each) => each === round) };
}

Deno.test("KvSessionStore keeps the last session that was saved when its process is killed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sluice-" });
  const path = `${folder}/sessions.sqlite3`;
  for (let kill = 0; kill < KILLS; kill++) {
    await using program = Program.start(["tests/e2e/session/save_without_end.ts", path, ID]);
    await program.line(/^\d+$/, kill % 3);
    await program.end("SIGKILL");
    const saved = Number(program.lines.at(-1));
    const { round, isWhole } = await read(path);
    assert(isWhole, `round ${round}`);
    // The one under way may have been saved without a word.
    assert(round === saved || round === saved + 1, `${round} after ${saved}`);
  }
  await using sessions = new Sessions(await KvSessionStore.open(path));
  assertEquals((await sessions.open(ID))!.keys(), ["cookie", "round", "values"]);
  await Deno.remove(folder, { recursive: true });
});
