/** Whether a handler answered with a promise; those in plain JavaScript answer with anything. */
export function isPromise<T>(value: T | void | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === "function";
}
