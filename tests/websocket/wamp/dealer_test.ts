import { assert, assertEquals } from "@std/assert";
import { WampError, WampResult, type WampServerOptions } from "../../../websocket/mod.ts";
import { type WampClient, WampScene } from "./wamp_scene.ts";

const OPEN: WampServerOptions = { authorize: () => true };

async function register(client: WampClient, uri: string, options: object = {}): Promise<number> {
  const [[code, , id]] = await client.ask([64, 1, options, uri]) as [number, number, number][];
  assertEquals(code, 65);
  return id;
}

/** Caller and callee of `p`, and the number of the registration. */
async function pairUp(
  options: WampServerOptions = OPEN,
): Promise<{ scene: WampScene; caller: WampClient; callee: WampClient; id: number }> {
  const scene = await WampScene.open({}, options);
  const [caller] = await scene.join("wamp.2.msgpack");
  const [callee] = await scene.join("wamp.2.json");
  const id = await register(callee, "p");
  callee.take();
  return { scene, caller, callee, id };
}

Deno.test("Dealer passes calls and results", async () => {
  const { scene, caller, callee, id } = await pairUp();
  await using _ = scene;
  await caller.say([48, 5, {}, "p", [1], { k: 2 }]);
  assertEquals(callee.take(), [[68, 1, id, {}, [1], { k: 2 }]]);
  await callee.say([70, 1, {}, ["done"], { l: 3 }]);
  assertEquals(caller.take().at(-1), [50, 5, {}, ["done"], { l: 3 }]);
  await caller.say([48, 6, { disclose_me: true }, "p"]);
  const [[, , , details]] = callee.take() as [number, number, number, Record<string, unknown>][];
  assertEquals(details.caller_authrole, "anonymous");
  await callee.say([8, 68, 2, {}, "app.error", ["no"], { why: 1 }]);
  assertEquals(caller.take().at(-1), [8, 48, 6, {}, "app.error", ["no"], { why: 1 }]);
});

Deno.test("Dealer passes calls of WAMP v1 to clients of v2", async () => {
  const { scene, callee } = await pairUp();
  await using _ = scene;
  const caller = await scene.connect("wamp");
  caller.take();
  await caller.say([2, "a", "p", 1, 2]);
  assertEquals((callee.take() as unknown[][])[0].slice(4), [[1, 2]]);
  await callee.say([70, 1, {}, ["done"]]);
  assertEquals(caller.take(), [[3, "a", "done"]]);
  await caller.say([2, "b", "p"]);
  await callee.say([8, 68, 2, {}, "app.error", ["no"]]);
  assertEquals(caller.take(), [[4, "b", "app.error", "no"]]);
});

Deno.test("Dealer sends results before the last one to those who take them", async () => {
  const { scene, caller, callee } = await pairUp();
  await using _ = scene;
  await caller.say([48, 5, { receive_progress: true }, "p"]);
  assertEquals((callee.take() as unknown[][])[0][3], { receive_progress: true });
  await callee.say([70, 1, { progress: true }, [1]], [70, 1, { progress: true }, [2]]);
  await callee.say([70, 1, {}, [3]], [70, 1, { progress: true }, [4]], [70, 1, {}, [5]]);
  const results = caller.take();
  assertEquals(results, [
    [50, 5, { progress: true }, [1]],
    [50, 5, { progress: true }, [2]],
    [50, 5, {}, [3]],
  ]);
  await caller.ask([48, 6, {}, "p"]);
  await callee.say([70, 2, { progress: true }, [1]], [70, 2, {}, [2]]);
  assertEquals(caller.take(), [[50, 6, {}, [2]]]);
});

Deno.test("Dealer cancels a call as the caller wants", async () => {
  const { scene, caller, callee } = await pairUp();
  await using _ = scene;
  const canceled = [8, 48, 5, {}, "wamp.error.canceled"];
  const cases = [
    ["skip", [canceled], []],
    ["killnowait", [canceled], [69, { mode: "killnowait" }]],
    ["kill", [], [69, { mode: "kill" }]],
  ] as const;
  let invocation = 0;
  for (const [mode, told, interrupt] of cases) {
    await caller.ask([48, 5, {}, "p"]);
    callee.take();
    invocation++;
    assertEquals(await caller.ask([49, 5, { mode }]), told as unknown as unknown[], mode);
    const expected = interrupt.length === 0 ? [] : [[interrupt[0], invocation, interrupt[1]]];
    assertEquals(callee.take(), expected, mode);
    await callee.say([8, 68, invocation, {}, "app.stopped"]);
    assertEquals(caller.take(), mode === "kill" ? [[8, 48, 5, {}, "app.stopped"]] : [], mode);
  }
  assertEquals(await caller.ask([49, 77, {}]), []);
});

Deno.test("Dealer does not wait for a callee that can't be told", async () => {
  await using scene = await WampScene.open({}, OPEN);
  const [caller] = await scene.join();
  const [callee] = await scene.join("wamp.2.json", { roles: { callee: {} } });
  await register(callee, "p");
  await caller.ask([48, 5, {}, "p"]);
  callee.take();
  assertEquals(await caller.ask([49, 5, { mode: "kill" }]), [[
    8,
    48,
    5,
    {},
    "wamp.error.canceled",
  ]]);
  assertEquals(callee.take(), []);
});

Deno.test("Dealer ends a call when its time is over", async () => {
  const { scene, caller, callee } = await pairUp({ ...OPEN, maxCallTimeoutMs: 5000 });
  await using _ = scene;
  for (
    const [options, timeoutMs] of [[{ timeout: 1000 }, 1000], [{}, 5000], [{ timeout: 9999 }, 5000]]
  ) {
    await caller.ask([48, 5, options, "p"]);
    callee.take();
    await scene.ws.network.advance(timeoutMs as number - 30);
    assertEquals(caller.take(), []);
    await scene.ws.network.advance(30);
    assertEquals(caller.take(), [
      [8, 48, 5, {}, "wamp.error.timeout", [`No result in ${timeoutMs} ms`]],
    ]);
    assertEquals((callee.take() as unknown[][])[0][0], 69);
  }
});

Deno.test("Dealer tells callers when the callee is gone, and callees when the caller is", async () => {
  const { scene, caller, callee } = await pairUp();
  await using _ = scene;
  const [other] = await scene.join();
  await other.ask([48, 1, {}, "p"]);
  callee.take();
  other.raw.stream.terminate();
  await scene.ws.network.advance(50);
  assertEquals(callee.take(), [[69, 1, { mode: "killnowait" }]]);
  await caller.ask([48, 5, {}, "p"]);
  callee.raw.stream.terminate();
  await scene.ws.network.advance(50);
  assertEquals(caller.take(), [[8, 48, 5, {}, "wamp.error.canceled", ["The callee is gone"]]]);
  assertEquals(await caller.ask([48, 6, {}, "p"]), [[
    8,
    48,
    6,
    {},
    "wamp.error.no_such_procedure",
  ]]);
});

for (
  const [policy, expected] of [
    ["first", "0000"],
    ["last", "2222"],
    ["roundrobin", "0120"],
  ]
) {
  Deno.test(`Dealer chooses the callee: ${policy}`, async () => {
    await using scene = await WampScene.open({}, OPEN);
    const [caller] = await scene.join();
    const callees: WampClient[] = [];
    for (let i = 0; i < 3; i++) {
      const [callee] = await scene.join();
      await register(callee, "p", { invoke: policy });
      callees.push(callee);
    }
    let chosen = "";
    for (let call = 1; call <= 4; call++) {
      await caller.say([48, call, {}, "p"]);
      chosen += callees.findIndex((callee) => callee.take().length > 0);
    }
    assertEquals(chosen, expected);
  });
}

Deno.test("Dealer chooses each callee now and then: random", async () => {
  await using scene = await WampScene.open({}, OPEN);
  const [caller] = await scene.join();
  const [a] = await scene.join();
  const [b] = await scene.join();
  for (const callee of [a, b]) await register(callee, "p", { invoke: "random" });
  await caller.say(...Array.from({ length: 40 }, (_, i) => [48, i + 1, {}, "p"]));
  const counts = [a.take().length, b.take().length];
  assertEquals(counts[0] + counts[1], 40);
  assert(counts[0] > 0 && counts[1] > 0);
});

Deno.test("Dealer refuses a registration that others stand against", async () => {
  const { scene, caller, callee, id } = await pairUp({ ...OPEN, maxRegistrationsPerSession: 2 });
  await using _ = scene;
  const refuse = async (client: WampClient, options: object, uri: string, error: string) =>
    assertEquals((await client.ask([64, 3, options, uri]) as unknown[][])[0].slice(0, 5), [
      8,
      64,
      3,
      {},
      error,
    ]);
  await refuse(caller, {}, "p", "wamp.error.procedure_already_exists");
  const other = "wamp.error.procedure_exists_with_different_invocation_policy";
  await refuse(caller, { invoke: "first" }, "p", other);
  await refuse(caller, { invoke: "nobody" }, "q", "wamp.error.invalid_argument");
  await refuse(caller, {}, "wamp.p", "wamp.error.invalid_uri");
  await register(callee, "q", { invoke: "first" });
  await refuse(callee, {}, "r", "sluice.error.limit_exceeded");
  const unknown = [8, 66, 4, {}, "wamp.error.no_such_registration"];
  assertEquals(await caller.ask([66, 4, id]), [unknown]);
  assertEquals(await callee.ask([66, 4, id], [66, 4, id]), [[67, 4], unknown]);
  await register(caller, "p");
});

Deno.test("Dealer lets nobody register by default", async () => {
  await using scene = await WampScene.open();
  const [client] = await scene.join();
  assertEquals(await client.ask([64, 1, {}, "p"]), [[8, 64, 1, {}, "wamp.error.not_authorized"]]);
});

Deno.test("Dealer finds the registration that fits best", async () => {
  await using scene = await WampScene.open({}, OPEN);
  const [caller] = await scene.join();
  const [callee] = await scene.join();
  const ids = {
    exact: await register(callee, "a.b.c"),
    long: await register(callee, "a.b", { match: "prefix" }),
    short: await register(callee, "a", { match: "prefix" }),
    late: await register(callee, "x.y.", { match: "wildcard" }),
    early: await register(callee, "x..z", { match: "wildcard" }),
  };
  const cases = {
    "a.b.c": "exact",
    "a.b.d": "long",
    "a.c": "short",
    "x.y.z": "late",
    "x.q.z": "early",
  };
  for (const [uri, name] of Object.entries(cases)) {
    await caller.say([48, 1, {}, uri]);
    const [[, invocation, id]] = callee.take() as [number, number, number][];
    assertEquals(id, ids[name as keyof typeof ids], uri);
    await callee.say([70, invocation, {}]);
  }
  assertEquals(
    (await caller.ask([48, 1, {}, "x.y"]) as unknown[][])[0][4],
    "wamp.error.no_such_procedure",
  );
});

Deno.test("Dealer keeps its limits", async () => {
  const { scene, caller } = await pairUp({ ...OPEN, maxPendingCalls: 2 });
  await using _ = scene;
  const busy = "sluice.error.limit_exceeded";
  assertEquals(await caller.ask([48, 1, {}, "p"], [48, 2, {}, "p"], [48, 3, {}, "p"]), [
    [8, 48, 3, {}, busy],
  ]);
  assertEquals(await caller.ask([48, 2, {}, "p"]), [[8, 48, 2, {}, "wamp.error.invalid_argument"]]);
  const [other] = await scene.join();
  assertEquals(await other.ask([48, 1, {}, "p"]), [[8, 48, 1, {}, busy, ["The callee is busy"]]]);
});

Deno.test("WampApplication.onCall answers what no client has registered", async () => {
  const errors: unknown[] = [];
  await using scene = await WampScene.open({
    async onCall(_connection, { procedure, args, kwargs, signal, progress }) {
      if (procedure === "sum") return args.reduce((sum: number, each) => sum + Number(each), 0);
      if (procedure === "two") return new WampResult([1, 2], { three: kwargs.three });
      if (procedure === "none") return;
      if (procedure === "refuse") throw new WampError("app.no", { args: ["No"], kwargs: { a: 1 } });
      if (procedure === "fail") throw new TypeError("Secret");
      for (let i = 0; i < 3; i++) progress(i);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    },
    onError: (_connection, error) => void errors.push(error),
  }, OPEN);
  const [client] = await scene.join();
  assertEquals(await client.ask([48, 1, {}, "sum", [1, 2]]), [[50, 1, {}, [3]]]);
  const two = [50, 1, {}, [1, 2], { three: 3 }];
  assertEquals(await client.ask([48, 1, {}, "two", [], { three: 3 }]), [two]);
  assertEquals(await client.ask([48, 1, {}, "none"]), [[50, 1, {}]]);
  assertEquals(await client.ask([48, 1, {}, "refuse"]), [[8, 48, 1, {}, "app.no", ["No"], {
    a: 1,
  }]]);
  assertEquals(await client.ask([48, 1, {}, "fail"]), [[8, 48, 1, {}, "wamp.error.runtime_error"]]);
  assertEquals(errors.splice(0).map(String), ["TypeError: Secret"]);
  const progress = [0, 1, 2].map((i) => [50, 9, { progress: true }, [i]]);
  assertEquals(await client.ask([48, 9, { receive_progress: true }, "slow"]), progress);
  assertEquals(await client.ask([49, 9, {}]), [[8, 48, 9, {}, "wamp.error.canceled"]]);
  assertEquals(errors, []);
});
