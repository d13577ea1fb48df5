const OBJECT = "{".charCodeAt(0);
const encoder = new TextEncoder();
/** A body shorter than this is no job: `{"job":"a"}`. */
const LEAST_BYTES = 11;

/**
 * The body of a job that carries the trace that it belongs to, as its field
 * `traceparent`, which whoever runs it may heed. Bodies that are no JSON, as
 * those of PHP, stay as they are.
 */
export function withTraceparent(body: Uint8Array, traceparent: string): Uint8Array {
  if (body[0] !== OBJECT || body.length < LEAST_BYTES) return body;
  const field = encoder.encode(`{"traceparent":${JSON.stringify(traceparent)},`);
  const carrying = new Uint8Array(field.length + body.length - 1);
  carrying.set(field);
  carrying.set(body.subarray(1), field.length);
  return carrying;
}
