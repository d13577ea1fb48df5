import { assertEquals } from "@std/assert";

/** Makes a loop in a process of its own; answers its poller, or why there is none, and fallbacks. */
async function choose(options: {
  permissions?: string[];
  env?: Record<string, string>;
  poller?: string;
}): Promise<{ poller?: string; error?: string; fallbacks: string[] }> {
  const program = new URL("print_poller.ts", import.meta.url).pathname;
  const { permissions = ["--allow-ffi", "--allow-env=SLUICE_POLLER"], env = {}, poller } = options;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...permissions, program, ...(poller ? [poller] : [])],
    env: { SLUICE_POLLER: "", ...env },
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

const REASON = "Cannot use the epoll poller as it needs the permission to call native code " +
  "(--allow-ffi)";

Deno.test("choosePoller() takes epoll where native code may be called", async () => {
  assertEquals(await choose({}), { poller: "epoll", fallbacks: [] });
});

Deno.test("choosePoller() falls back to portable and says why", async () => {
  assertEquals(await choose({ permissions: [] }), { poller: "portable", fallbacks: [REASON] });
});

Deno.test("choosePoller() does what SLUICE_POLLER says", async () => {
  const env = { SLUICE_POLLER: "portable" };
  assertEquals(await choose({ env }), { poller: "portable", fallbacks: [] });
  assertEquals(await choose({ env, permissions: ["--allow-ffi"] }), {
    poller: "epoll",
    fallbacks: [],
  });
});

Deno.test("choosePoller() prefers the option to SLUICE_POLLER", async () => {
  const env = { SLUICE_POLLER: "portable" };
  assertEquals(await choose({ env, poller: "epoll" }), { poller: "epoll", fallbacks: [] });
  assertEquals(await choose({ poller: "portable" }), { poller: "portable", fallbacks: [] });
});

Deno.test("choosePoller() refuses a poller that can't be used here", async () => {
  const forced = { error: `TypeError: ${REASON}`, fallbacks: [] };
  assertEquals(await choose({ permissions: [], poller: "epoll" }), forced);
  assertEquals(
    await choose({ permissions: ["--allow-env"], env: { SLUICE_POLLER: "epoll" } }),
    forced,
  );
});

Deno.test("choosePoller() refuses a poller that there isn't", async () => {
  assertEquals(await choose({ env: { SLUICE_POLLER: "kqueue" } }), {
    error: "TypeError: Cannot use poller as it must be portable or epoll: received kqueue",
    fallbacks: [],
  });
});
