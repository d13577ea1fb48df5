import { Byte } from "./_ascii.ts";
import type { Reader } from "./_reader.ts";
import type { Writer } from "./_writer.ts";
import { bytesOf, PhpBytes } from "./bytes.ts";
import type { PhpKey } from "./key.ts";
import type { SessionHandler } from "./session_handler.ts";
import { SessionNameError } from "./session_name_error.ts";

/** The handlers that write a name before each value. */
type NamingHandler = Exclude<SessionHandler, "php_serialize">;

/** The length byte of `php_binary` has seven bits. */
const MAX_BINARY_NAME = 127;

/** Reads the name of a variable and what separates it from the value. */
export function readName(reader: Reader, handler: NamingHandler): PhpKey {
  const start = reader.at;
  if (handler === "php") {
    while (reader.byte() !== Byte.PIPE);
    return reader.text(start, reader.at - 1);
  }
  const length = reader.byte();
  if (length > MAX_BINARY_NAME) reader.fail("A name is too long", start);
  reader.skip(length);
  return reader.text(start + 1, reader.at);
}

/** Writes the name of a variable and what separates it from the value. */
export function writeName(writer: Writer, name: PhpKey, handler: NamingHandler): void {
  if (typeof name !== "string" && !(name instanceof PhpBytes)) {
    throw new SessionNameError(name, handler, "it is an integer");
  }
  const bytes = bytesOf(name);
  if (handler === "php") {
    if (bytes.includes(Byte.PIPE)) throw new SessionNameError(name, handler, "it holds |");
    writer.bytes(bytes);
    writer.ascii("|");
    return;
  }
  if (bytes.length > MAX_BINARY_NAME) {
    throw new SessionNameError(name, handler, `it has more than ${MAX_BINARY_NAME} bytes`);
  }
  writer.ascii(String.fromCharCode(bytes.length));
  writer.bytes(bytes);
}
