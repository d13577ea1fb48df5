import type { SessionHandler } from "../../php/mod.ts";

const SCRIPT = new URL("./php_peer.php", import.meta.url).pathname;

/** Puts questions to PHP, all in one process; answers are `undefined` where PHP refuses. */
export async function askPhp(
  questions: readonly (readonly [verb: string, ...arguments_: (number | Uint8Array)[]])[],
  options: { handler?: SessionHandler } = {},
): Promise<(Uint8Array | undefined)[]> {
  const args = ["-d", `session.serialize_handler=${options.handler ?? "php"}`, SCRIPT];
  const child = new Deno.Command("php", { args, stdin: "piped", stdout: "piped" }).spawn();
  const lines = questions.map((question) =>
    question.map((part) => part instanceof Uint8Array ? part.toHex() : part).join(" ") + "\n"
  );
  const input = new Blob(lines).stream().pipeTo(child.stdin);
  const { stdout } = await child.output();
  await input;
  const answers = new TextDecoder().decode(stdout).split("\n").slice(0, -1);
  return answers.map((answer) => answer === "refused" ? undefined : Uint8Array.fromHex(answer));
}
