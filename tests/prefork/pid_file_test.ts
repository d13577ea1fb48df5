import { assertEquals, assertThrows } from "@std/assert";
import { PidFile, PidFileError, readHolder } from "../../prefork/pid_file.ts";

async function withFolder(test: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts a process that bears the title of a supervisor. */
async function pretender(): Promise<AsyncDisposable & { pid: number }> {
  const code = `process.title = "sluice: master [x]".padEnd(30); console.log("up");
    setInterval(() => {}, 1000);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}

Deno.test("PidFile.claim() writes the process, and removes the file when it is disposed", async () => {
  await withFolder((folder) => {
    const path = `${folder}/pid`;
    {
      using _file = PidFile.claim(path);
      assertEquals(Deno.readTextFileSync(path), `${Deno.pid}\n`);
    }
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("PidFile.claim() replaces a file that was left behind", async () => {
  await withFolder((folder) => {
    const path = `${folder}/pid`;
    // The first is no process, the second one that is no supervisor.
    for (const stale of ["999999999", String(Deno.ppid)]) {
      Deno.writeTextFileSync(path, stale);
      using _file = PidFile.claim(path);
      assertEquals(Deno.readTextFileSync(path), `${Deno.pid}\n`);
    }
  });
});

Deno.test("PidFile.claim() refuses a file that another supervisor holds, but takes over from it", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/pid`;
    await using other = await pretender();
    Deno.writeTextFileSync(path, `${other.pid}\n`);
    assertThrows(
      () => PidFile.claim(path),
      PidFileError,
      `Cannot use pid file ${path} as process ${other.pid} holds it`,
    );
    assertEquals(readHolder(path), other.pid);
    using _file = PidFile.claim(path, { predecessor: other.pid });
    assertEquals(Deno.readTextFileSync(path), `${Deno.pid}\n`);
  });
});

Deno.test("PidFile leaves a file alone that its successor has written", async () => {
  await withFolder((folder) => {
    const path = `${folder}/pid`;
    const file = PidFile.claim(path);
    Deno.writeTextFileSync(path, "1\n");
    file[Symbol.dispose]();
    assertEquals(Deno.readTextFileSync(path), "1\n");
  });
});

Deno.test("PidFile.claim() doesn't write through a link", async () => {
  await withFolder((folder) => {
    const path = `${folder}/pid`;
    Deno.writeTextFileSync(`${folder}/precious`, "123456789");
    Deno.symlinkSync(`${folder}/precious`, path);
    using _file = PidFile.claim(path);
    assertEquals(Deno.readTextFileSync(`${folder}/precious`), "123456789");
  });
});

Deno.test("PidFile.claim() and readHolder() say what is wrong with a file", async () => {
  await withFolder((folder) => {
    const path = `${folder}/pid`;
    assertThrows(() => readHolder(path), PidFileError, "there is no such file");
    assertThrows(() => PidFile.claim(`${path}/x/y`), PidFileError, "it can't be written");
    Deno.writeTextFileSync(path, "999999999");
    assertThrows(() => readHolder(path), PidFileError, "no supervisor runs as process 999999999");
    Deno.writeTextFileSync(path, "hello");
    for (const use of [() => readHolder(path), () => PidFile.claim(path)]) {
      assertThrows(use, PidFileError, "it holds no number of a process");
    }
    assertThrows(() => readHolder(folder), PidFileError, "it can't be read");
  });
});
