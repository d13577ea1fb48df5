import {
  type Application,
  type Connection,
  PreparedMessage,
  sessionOf,
} from "@sluice/sluice/websocket";

/** What the page may send. */
type Request = { name: string } | { text: string };

const MAX_NAME_LENGTH = 40;
const MAX_TEXT_LENGTH = 2000;
const MAX_HISTORY = 50;

/** A room in which everybody hears everybody. A visitor's name is kept in the web session. */
export class ChatApplication implements Application {
  readonly #visitors = new Set<Connection>();
  readonly #history: string[] = [];

  /** Tells a visitor who it is and what was said. */
  async onOpen(connection: Connection): Promise<void> {
    this.#visitors.add(connection);
    // The session was read with the handshake; another page may have changed it meanwhile.
    await sessionOf(connection).reload();
    connection.send(JSON.stringify({ you: nameOf(connection) }));
    for (const line of this.#history) connection.send(line);
  }

  /** Takes a name or a line. */
  async onMessage(connection: Connection, message: string | Uint8Array): Promise<void> {
    const request = parseRequest(message);
    if (request === null) return connection.close(1007, "This is no message of the chat");
    if ("text" in request) return this.#say(nameOf(connection), request.text);
    sessionOf(connection).set("chat.name", request.name);
    await sessionOf(connection).save();
    connection.send(JSON.stringify({ you: request.name }));
  }

  /** Forgets a visitor. */
  onClose(connection: Connection): void {
    this.#visitors.delete(connection);
  }

  #say(name: string, text: string): void {
    const line = JSON.stringify({ name, text });
    this.#history.push(line);
    if (this.#history.length > MAX_HISTORY) this.#history.shift();
    const message = new PreparedMessage(line);
    for (const visitor of this.#visitors) visitor.send(message);
  }
}

/** The name that a visitor has given itself. */
export function nameOf(connection: Connection): string {
  const name = sessionOf(connection).get("chat.name");
  return typeof name === "string" ? name : "somebody";
}

function parseRequest(message: string | Uint8Array): Request | null {
  const { name, text } = parseObject(message);
  if (typeof name === "string" && name.trim() !== "" && name.length <= MAX_NAME_LENGTH) {
    return { name: name.trim() };
  }
  return typeof text === "string" && text.length <= MAX_TEXT_LENGTH ? { text } : null;
}

function parseObject(message: string | Uint8Array): Record<string, unknown> {
  if (typeof message !== "string") return {};
  try {
    return Object(JSON.parse(message));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
