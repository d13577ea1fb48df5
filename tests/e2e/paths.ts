/** The path of a file beside this one. */
export function fromFileUrl(name: string): string {
  return decodeURIComponent(new URL(name, import.meta.url).pathname);
}
