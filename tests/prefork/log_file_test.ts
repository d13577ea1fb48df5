import { assertEquals, assertThrows } from "@std/assert";
import { LogFile } from "../../prefork/_log_file.ts";

Deno.test("LogFile.reopen() goes on in a new file when the old one was moved away", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/log`;
  await Deno.writeTextFile(path, "before\n");
  {
    using log = new LogFile(path);
    log.write("one");
    await Deno.rename(path, `${path}.1`);
    log.write("two");
    log.reopen();
    log.write("three");
    await Deno.remove(folder, { recursive: true });
    assertThrows(() => log.reopen());
    log.write("nowhere, but no failure");
  }
  assertThrows(() => new LogFile(path));
});

Deno.test("LogFile.write() appends", async () => {
  const path = await Deno.makeTempFile();
  {
    using log = new LogFile(path);
    log.write("ä".repeat(100_000));
    log.write("end");
  }
  assertEquals(await Deno.readTextFile(path), `${"ä".repeat(100_000)}\nend\n`);
  await Deno.remove(path);
});
