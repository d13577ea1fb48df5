import { RequestError } from "./request_error.ts";

/**
 * Reads the JSON of a request; an empty body is an empty object.
 *
 * @throws {RequestError} When it is too long or no JSON.
 */
export async function readBody(request: Request, maxBytes: number): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new RequestError(`Cannot read request as it is longer than ${maxBytes} bytes`, {
        status: 413,
      });
    }
    chunks.push(chunk);
  }
  if (length === 0) return {};
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new RequestError("Cannot read request as it is no JSON", { status: 400, cause });
  }
}
