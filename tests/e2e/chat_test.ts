import { assert, assertEquals } from "@std/assert";
import { Program } from "./program.ts";

const MAIN = "examples/chat/main.ts";

type Message = Record<string, unknown>;

/** The example under way. */
class Chat implements AsyncDisposable {
  readonly #program: Program;
  readonly url: string;

  private constructor(program: Program, url: string) {
    this.#program = program;
    this.url = url;
  }

  static async start(folder: string): Promise<Chat> {
    const store = `${folder}/chat.sqlite3`;
    const program = Program.start([MAIN, "--port", "0", "--store", store]);
    const [, url] = await program.line(/listening on (\S+)/);
    return new Chat(program, url);
  }

  /** Opens the page; gives the cookie of its visitor. */
  async page(cookie = ""): Promise<string> {
    const response = await fetch(this.url, { headers: { Cookie: cookie } });
    assert((await response.text()).includes("<title>Chat</title>"));
    return response.headers.getSetCookie()[0].split(";")[0];
  }

  connect(path: string, cookie: string): Visitor {
    const url = this.url.replace("http", "ws") + path;
    return new Visitor(new WebSocket(url, { headers: { Cookie: cookie } }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    assertEquals(await this.#program.end("SIGTERM"), 0);
  }
}

/** A connection of a page. */
class Visitor {
  readonly #socket: WebSocket;
  readonly #messages: Message[] = [];
  #wake = (): void => undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#messages.push(JSON.parse(data));
      this.#wake();
    };
  }

  /** Waits for a message that has such a field. */
  async next(field: string): Promise<Message> {
    for (;;) {
      const message = this.#messages.shift();
      if (message === undefined) await new Promise<void>((resolve) => this.#wake = resolve);
      else if (field in message) return message;
    }
  }

  send(data: unknown): void {
    this.#socket.send(typeof data === "string" ? data : JSON.stringify(data));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }
}

Deno.test("the chat example keeps a name over reload and restart", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sluice-" });
  let cookie: string;
  {
    await using chat = await Chat.start(folder);
    cookie = await chat.page();
    const first = chat.connect("chat", cookie);
    assertEquals(await first.next("you"), { you: "somebody" });
    first.send({ name: "Zoë" });
    assertEquals(await first.next("you"), { you: "Zoë" });
    await first.close();
    assertEquals(await chat.page(cookie), cookie);
    const again = chat.connect("chat", cookie);
    assertEquals(await again.next("you"), { you: "Zoë" });
    await again.close();
  }
  await using chat = await Chat.start(folder);
  assertEquals(await chat.page(cookie), cookie);
  const later = chat.connect("chat", cookie);
  assertEquals(await later.next("you"), { you: "Zoë" });
  await later.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the chat example lets two visitors talk and see who is typing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sluice-" });
  await using chat = await Chat.start(folder);
  const [a, b] = [await chat.page(), await chat.page()];
  assert(a !== b);
  const [chatA, chatB] = [chat.connect("chat", a), chat.connect("chat", b)];
  await Promise.all([chatA.next("you"), chatB.next("you")]);
  chatA.send({ name: "Ada" });
  await chatA.next("you");
  chatA.send({ text: "Hello" });
  assertEquals(await chatB.next("text"), { name: "Ada", text: "Hello" });
  const [indicatorA, indicatorB] = [chat.connect("indicator", a), chat.connect("indicator", b)];
  await Promise.all([indicatorA.next("here"), indicatorB.next("here")]);
  indicatorA.send("typing");
  let last = await indicatorB.next("here");
  while ((last.typing as string[]).length === 0) last = await indicatorB.next("here");
  assertEquals(last, { here: 2, typing: ["Ada"] });
  for (const each of [chatA, chatB, indicatorA, indicatorB]) await each.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the chat example refuses pages of other sites", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sluice-" });
  await using chat = await Chat.start(folder);
  const response = await fetch(`${chat.url}chat`, { headers: { Origin: "https://evil.example" } });
  assertEquals(response.status, 403);
  await response.body?.cancel();
  await Deno.remove(folder, { recursive: true });
});
