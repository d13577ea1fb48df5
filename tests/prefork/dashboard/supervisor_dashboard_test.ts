import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EventLoop } from "../../../loop/mod.ts";
import { SupervisorDashboard } from "../../../prefork/dashboard/mod.ts";
import type { ReloadResult, SupervisorStatus } from "../../../prefork/mod.ts";
import { TestBrowser } from "../../dashboard/browser.ts";
import { ManualPoller } from "../../queue/manual_poller.ts";
import { STATUS } from "../status.ts";

/** A dashboard of a supervisor that writes down what it is asked. */
class Scene implements Disposable {
  readonly poller = new ManualPoller();
  readonly asked: string[] = [];
  readonly dashboard: SupervisorDashboard;
  readonly browser: TestBrowser;
  now: SupervisorStatus = STATUS;
  result: ReloadResult = { replaced: 2, failure: null };

  constructor(token?: string) {
    const supervisor = {
      status: () => this.now,
      reload: () => {
        this.asked.push("reload");
        return Promise.resolve(this.result);
      },
      scale: (workers: number) => {
        if (workers > 3) throw new RangeError(`Cannot have ${workers} workers`);
        this.asked.push(`scale ${workers}`);
        this.now = { ...this.now, size: workers };
      },
    };
    const loop = new EventLoop({ poller: this.poller });
    this.dashboard = new SupervisorDashboard({ supervisor, token, readers: "all", loop });
    this.browser = new TestBrowser(this.dashboard);
  }

  async text(): Promise<string> {
    const text = await (await this.browser.get("/dashboard")).text();
    return text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  }

  async order(verb: string): Promise<number> {
    const csrf = await this.browser.csrf("/dashboard");
    return (await this.browser.post(`/dashboard/${verb}`, { csrf })).status;
  }

  [Symbol.dispose](): void {
    this.dashboard[Symbol.dispose]();
  }
}

Deno.test("SupervisorDashboard shows workers, memory, restarts and what is wrong", async () => {
  using scene = new Scene();
  const [first, second] = STATUS.workers;
  scene.now = { ...STATUS, workers: [{ ...first, requests: 32 }, second] };
  await scene.poller.advance(1000);
  const text = await scene.text();
  assertStringIncludes(text, "1 of 2");
  assertStringIncludes(text, "1 ready 100 1 min 1 s 50 MiB 32 20/s");
  assertStringIncludes(text, "A worker can&#39;t be kept alive");
  assertStringIncludes(text, "5 given up");
  assertEquals((await scene.browser.get("/dashboard/else")).status, 404);
});

Deno.test("SupervisorDashboard counts on over the requests of workers that were replaced", async () => {
  using scene = new Scene();
  const worker = { ...STATUS.workers[0], pid: 200, requests: 7 };
  scene.now = { ...STATUS, workers: [worker] };
  await scene.poller.advance(1000);
  assertStringIncludes(await scene.text(), "all workers 7/s");
  scene.now = { ...STATUS, workers: [] };
  await scene.poller.advance(1000);
  assertStringIncludes(await scene.text(), "all workers 0/s");
});

Deno.test("SupervisorDashboard reloads and scales for who has the token", async () => {
  using scene = new Scene("secret");
  await scene.browser.logIn("secret");
  for (const [verb, status] of [["reload", 303], ["more", 303], ["more", 409], ["fewer", 303]]) {
    assertEquals(await scene.order(String(verb)), status);
  }
  assertEquals(scene.asked, ["reload", "scale 3", "scale 2"]);
  assertEquals(await scene.order("stop"), 404);
  const reason = "<script>alert(1)</script>";
  scene.result = { replaced: 0, failure: { worker: 1, reason, definite: true, output: [] } };
  await scene.order("reload");
  const page = await (await scene.browser.get("/dashboard")).text();
  assertStringIncludes(page, "given up: &lt;script&gt;");
});

Deno.test("SupervisorDashboard takes no orders without the token, or by a forged form", async () => {
  using open = new Scene();
  using shut = new Scene("secret");
  assertEquals(await open.order("reload"), 403);
  assertEquals(await shut.order("reload"), 401);
  assert(!(await (await shut.browser.get("/dashboard")).text()).includes("<form"));
  await shut.browser.logIn("secret");
  assertEquals((await shut.browser.post("/dashboard/reload", { csrf: "x" })).status, 403);
  assertEquals([...open.asked, ...shut.asked], []);
});
