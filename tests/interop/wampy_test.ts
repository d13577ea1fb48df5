import { assertEquals } from "@std/assert";
import { WampServer } from "../../websocket/mod.ts";
import { serve } from "./wamp_scene.ts";

const VERSION = "8.0.2";
const FOLDER = new URL(`../../.data/npm/wampy-${VERSION}/`, import.meta.url).pathname;

/**
 * Installs wampy for Node, once. Deno can't: it wants to know packages for all
 * systems, of which a mirror of the registry may not have all.
 */
async function install(): Promise<boolean> {
  const client = new URL("wampy_client.mjs", import.meta.url);
  await Deno.mkdir(FOLDER, { recursive: true });
  await Deno.copyFile(client, `${FOLDER}client.mjs`);
  if (await exists(`${FOLDER}node_modules/wampy/package.json`)) return true;
  const args = ["install", "--omit=optional", "--no-audit", "--no-fund", "--prefix", FOLDER];
  return await run("npm", [...args, `wampy@${VERSION}`]) !== null;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What a program writes; `null` when it is not there or fails. */
async function run(program: string, args: string[]): Promise<string | null> {
  try {
    const command = new Deno.Command(program, { args, stdout: "piped", stderr: "inherit" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const ignore = !await install();

for (const form of ["json", "msgpack"]) {
  Deno.test({
    name: `wampy subscribes, publishes and calls in ${form}`,
    ignore,
    async fn() {
      await using served = await serve((loop) =>
        new WampServer({}, {
          loop,
          ticket: ({ authId, ticket }) => ticket === "secret" ? { authId } : null,
          authorize: () => true,
        })
      );
      const output = await run("node", [`${FOLDER}client.mjs`, served.url, form, "secret"]);
      assertEquals(JSON.parse(output!), {
        event: [[1, "zwei"], { drei: 3 }],
        result: [42],
        error: "wamp.error.no_such_procedure",
      });
    },
  });
}
