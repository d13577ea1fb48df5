import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { askControl } from "../../prefork/_control_client.ts";
import {
  ControlEndpoint,
  ControlError,
  parseControlPlace,
} from "../../prefork/_control_endpoint.ts";
import {
  controlHandler,
  type ControlHandlerOptions,
  type Controllable,
} from "../../prefork/_control_handler.ts";
import { giveOrder, OrderError } from "../../prefork/_ctl.ts";
import { STATUS } from "./status.ts";

/** A supervisor that writes down what it is asked. */
class Recorder implements Controllable {
  readonly asked: string[] = [];
  result: Awaited<ReturnType<Controllable["reload"]>> = { replaced: 2, failure: null };

  status(): typeof STATUS {
    return STATUS;
  }

  reload(): ReturnType<Controllable["reload"]> {
    this.asked.push("reload");
    return Promise.resolve(this.result);
  }

  scale(workers: number): void {
    if (workers > 1024) throw new RangeError(`Cannot have ${workers} workers`);
    this.asked.push(`scale ${workers}`);
  }

  drain(): void {
    this.asked.push("drain");
  }
}

async function ask(
  orders: ControlHandlerOptions["orders"],
  method: string,
  path: string,
  headers: HeadersInit = {},
): Promise<{ status: number; body: string; asked: string[] }> {
  const recorder = new Recorder();
  const request = new Request(`http://localhost${path}`, { method, headers });
  const response = await controlHandler(recorder, { orders })(request);
  return { status: response.status, body: await response.text(), asked: recorder.asked };
}

Deno.test("controlHandler() tells the status as JSON and for Prometheus", async () => {
  assertEquals(JSON.parse((await ask("none", "GET", "/status")).body), STATUS);
  assertStringIncludes((await ask("none", "GET", "/metrics")).body, "sluice_prefork_workers");
  assertEquals((await ask("none", "GET", "/elsewhere")).status, 404);
});

Deno.test("controlHandler() takes orders", async () => {
  assertEquals((await ask("all", "POST", "/reload")).asked, ["reload"]);
  assertEquals((await ask("all", "POST", "/scale?workers=3")).asked, ["scale 3"]);
  assertEquals((await ask("all", "POST", "/stop")).asked, ["drain"]);
  for (const path of ["/scale", "/scale?workers=x", "/scale?workers=-1", "/scale?workers=2000"]) {
    const { status, asked } = await ask("all", "POST", path);
    assertEquals([status, asked], [400, []], path);
  }
  assertEquals((await ask("all", "POST", "/dance")).status, 404);
  assertEquals((await ask("all", "PUT", "/reload")).status, 405);
});

Deno.test("controlHandler() takes orders from those only who may give them", async () => {
  const token = { token: "sesame" };
  assertEquals((await ask("none", "POST", "/stop")).status, 403);
  assertEquals((await ask(token, "POST", "/stop")).status, 403);
  for (const wrong of ["Bearer", "Bearer sesam", "Bearer sesames", "sesame", ""]) {
    const { status, asked } = await ask(token, "POST", "/stop", { authorization: wrong });
    assertEquals([status, asked], [403, []], wrong);
  }
  const right = await ask(token, "POST", "/stop", { authorization: "Bearer sesame" });
  assertEquals([right.status, right.asked], [200, ["drain"]]);
  assertEquals((await ask(token, "GET", "/status")).status, 200);
});

Deno.test("ControlEndpoint.open() serves at a path that is its owner's alone", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control`;
  const handler = controlHandler(new Recorder(), { orders: "all" });
  {
    await using _endpoint = await ControlEndpoint.open({ path }, handler);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    const { status, body } = await askControl({ path }, { method: "GET", path: "/status" });
    assertEquals([status, JSON.parse(body).pid], [200, 42]);
    await assertRejects(
      () => ControlEndpoint.open({ path }, handler),
      ControlError,
      "another supervisor serves it",
    );
  }
  assertEquals([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
});

Deno.test("ControlEndpoint.open() replaces a socket that was left behind, and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control`;
  const handler = controlHandler(new Recorder(), { orders: "all" });
  await (await new Deno.Command(Deno.execPath(), {
    args: ["eval", `Deno.listen({ transport: "unix", path: "${path}" }); Deno.exit(0)`],
  }).output());
  assert(Deno.lstatSync(path).isSocket);
  {
    await using _endpoint = await ControlEndpoint.open({ path }, handler);
  }
  await Deno.writeTextFile(path, "precious");
  await assertRejects(() => ControlEndpoint.open({ path }, handler), ControlError, "it is a file");
  assertEquals(await Deno.readTextFile(path), "precious");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("ControlEndpoint.open() serves at a port", async () => {
  const handler = controlHandler(new Recorder(), { orders: "none" });
  await using endpoint = await ControlEndpoint.open({ port: 0 }, handler);
  const { status } = await askControl(endpoint.place, { method: "GET", path: "/metrics" });
  assertEquals(status, 200);
  await assertRejects(
    () => ControlEndpoint.open(endpoint.place, handler),
    ControlError,
    "it is taken",
  );
});

Deno.test("askControl() says when nobody answers", async () => {
  await assertRejects(
    () => askControl({ path: "/nowhere/control" }, { method: "GET", path: "/status" }),
    ControlError,
    "Cannot reach a supervisor at /nowhere/control",
  );
});

Deno.test("parseControlPlace() takes a number for a port", () => {
  assertEquals(parseControlPlace("9000"), { port: 9000 });
  assertEquals(parseControlPlace("/run/9000"), { path: "/run/9000" });
});

Deno.test("giveOrder() passes orders on, and says what came of them", async () => {
  const recorder = new Recorder();
  await using endpoint = await ControlEndpoint.open(
    { port: 0 },
    controlHandler(recorder, { orders: { token: "sesame" } }),
  );
  const target = { control: endpoint.place, token: "sesame" };
  assertStringIncludes((await giveOrder(["status"], target)).text, "supervisor 42");
  assertStringIncludes((await giveOrder(["metrics"], target)).text, "# TYPE");
  assertEquals(await giveOrder(["scale", "3"], target), { code: 0, text: "scaling to 3 workers" });
  assertEquals(await giveOrder(["reload"], target), { code: 0, text: "replaced 2 workers" });
  assertEquals(await giveOrder(["stop"], target), { code: 0, text: "stopping" });
  assertEquals(recorder.asked, ["scale 3", "reload", "drain"]);
  recorder.result = {
    replaced: 0,
    failure: { worker: 1, reason: "it is broken", definite: true, output: [] },
  };
  assertEquals(await giveOrder(["reload"], target), { code: 1, text: "gave up: it is broken" });
  const refused = await giveOrder(["stop"], { control: endpoint.place });
  assertEquals(refused, { code: 1, text: "refused: this endpoint takes no orders from you" });
});

Deno.test("giveOrder() says what is wrong with an order", async () => {
  const orders: [string[], string][] = [
    [[], "Cannot do nothing: the orders are"],
    [["dance"], "Cannot dance: the orders are"],
    [["reload", "now"], "Cannot reload now: the orders are"],
    [["scale"], "Cannot scale: the orders are"],
    [["scale", "up"], "Cannot scale to up as it is no number of workers"],
    [["status"], "Cannot status without --status"],
    [["signal", "HUP"], "Cannot send a signal without --pid"],
    [["signal", "KILL"], "Cannot send KILL as a supervisor heeds only TTIN, TTOU, HUP"],
  ];
  for (const [order, message] of orders) {
    await assertRejects(() => giveOrder(order, {}), OrderError, message);
  }
});
