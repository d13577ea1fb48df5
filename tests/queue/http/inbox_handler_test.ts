import { assertEquals } from "@std/assert";
import { inboxHandler, KvJobInbox, KvJobStore } from "../../../queue/mod.ts";

const TOKEN = { authorization: "Bearer secret" };

Deno.test("inboxHandler() pushes jobs that the owner of the store then has", async () => {
  const kv = await Deno.openKv(":memory:");
  {
    await using inbox = await KvJobInbox.open({ kv });
    const handler = inboxHandler({ inbox, token: "secret", maxJobs: 2, maxBodyBytes: 1000 });
    const call = async (line: string, body?: string, headers?: HeadersInit): Promise<unknown> => {
      const [method, path] = line.split(" ");
      const url = `http://localhost${path}`;
      const response = await handler(new Request(url, { method, headers, body }));
      return [response.status, await response.json()];
    };
    const one = JSON.stringify({ job: "a", data: 1, queue: "q" });
    const two = JSON.stringify([{ job: "b", queue: "q" }, { job: "c", queue: "q" }]);
    assertEquals(await call("POST /jobs", one, TOKEN), [202, { posted: 1 }]);
    assertEquals(await call("POST /jobs", two, TOKEN), [202, { posted: 2 }]);
    assertEquals(await call("POST /jobs", "[{},{},{}]", TOKEN), [413, {
      error: "Cannot take more than 2 jobs",
    }]);
    assertEquals(await call("POST /jobs", "{}", TOKEN), [400, {
      error: "Cannot take job as it names no job",
    }]);
    const error = "Cannot serve request as there is nothing like it";
    assertEquals(await call("GET /jobs", undefined, TOKEN), [404, { error }]);
    assertEquals(await call("POST /queues/q/kick", "{}", TOKEN), [404, { error }]);
    assertEquals(await call("POST /jobs", one), [401, {
      error: "Cannot serve request as it shows no valid token",
    }]);

    await using store = await KvJobStore.open({ kv });
    const jobs: unknown[] = [];
    while (jobs.length < 3) {
      for (const { body } of await store.reserve({ tubes: ["q"] })) {
        jobs.push(JSON.parse(new TextDecoder().decode(body)).job);
      }
    }
    assertEquals(jobs, ["a", "b", "c"]);
  }
  kv.close();
});
