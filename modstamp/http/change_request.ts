import { VALUE_STRATEGIES, type ValueStrategy } from "../value_strategy.ts";
import { RequestError } from "./request_error.ts";

/** A value, or how to make one. */
export type ChangeRequest =
  | { readonly value: Uint8Array; readonly strategy?: undefined }
  | { readonly value?: undefined; readonly strategy: ValueStrategy };

const MAX_BODY_BYTES = 4096;
const encoder = new TextEncoder();

/**
 * Reads what a request wants a modstamp to be: text, or JSON with a `value`, its `base64`, or a
 * `strategy`; without a body the strategy is `random`.
 *
 * @throws {RequestError} When it is too long or says nothing of the kind.
 */
export async function readChange(request: Request): Promise<ChangeRequest> {
  const bytes = await readBody(request);
  const type = (request.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
  if (type === "text/plain") return { value: bytes };
  if (bytes.length === 0) return { strategy: "random" };
  if (type !== "application/json") {
    const message = "Cannot read request as its type is neither text/plain nor application/json";
    throw new RequestError(message, { status: 415 });
  }
  return changeOf(parse(bytes));
}

async function readBody(request: Request): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_BODY_BYTES);
  let length = 0;
  for await (const chunk of request.body ?? []) {
    if (length + chunk.length > MAX_BODY_BYTES) {
      const message = `Cannot read request as it is longer than ${MAX_BODY_BYTES} bytes`;
      throw new RequestError(message, { status: 413 });
    }
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes.slice(0, length);
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  try {
    const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof json === "object" && json !== null) return json;
  } catch (cause) {
    throw new RequestError("Cannot read request as it is no JSON", { status: 400, cause });
  }
  throw new RequestError("Cannot read request as it is no object of JSON", { status: 400 });
}

function changeOf({ value, base64, strategy, ...rest }: Record<string, unknown>): ChangeRequest {
  const named = [value, base64, strategy].filter((each) => each !== undefined);
  if (Object.keys(rest).length > 0 || named.length > 1) throw wrong();
  if (typeof value === "string") return { value: encoder.encode(value) };
  if (typeof base64 === "string") return { value: bytesOf(base64) };
  const found = VALUE_STRATEGIES.find((each) => each === (strategy ?? "random"));
  if (found === undefined || value !== undefined || base64 !== undefined) throw wrong();
  return { strategy: found };
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(base64);
  } catch (cause) {
    throw new RequestError("Cannot read request as its base64 is none", { status: 400, cause });
  }
}

function wrong(): RequestError {
  const names = VALUE_STRATEGIES.join(", ");
  return new RequestError(
    `Cannot read request as it has to hold one of value, base64 and strategy (${names})`,
    { status: 400 },
  );
}
