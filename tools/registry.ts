/**
 * A JSR registry on this machine, for trying what would be published: `deno run -A
 * tools/registry.ts` publishes the working tree to it, prints its URL and serves until it is
 * stopped. `JSR_URL=… deno run -A jsr:@sluice/sluice/…` then runs it.
 *
 * @module
 */

import { packageOf, versionMeta } from "./registry/registry_package.ts";
import type { RegistryPackage } from "./registry/registry_package.ts";
import { readTar } from "./registry/tar_archive.ts";

const ROOT = new URL("../", import.meta.url);

/** The packages of `@std` that ours depends on, in the form that needs no registry. */
const STANDARD = ["assert", "cli", "yaml"].map((name) => new URL(`tools/std/${name}/`, ROOT));

/** Why `deno publish` failed. */
export class PublishError extends Error {
  override readonly name = "PublishError";
  /** What it printed. */
  readonly output: string;

  constructor(root: URL, output: string) {
    super(`Cannot publish ${root.pathname} as deno publish failed: ${output}`);
    this.output = output;
  }
}

/** A JSR registry on a free port of the loopback interface, which also holds `@std`. */
export class LocalRegistry implements AsyncDisposable {
  readonly #packages = new Map<string, RegistryPackage>();
  readonly #requests: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #cache: string;
  #closed?: Promise<void>;

  /** Starts a registry that holds nothing but `@std`. */
  static async start(): Promise<LocalRegistry> {
    const registry = new LocalRegistry(await Deno.makeTempDir());
    for (const folder of STANDARD) {
      const files = new Map<string, Uint8Array>();
      for await (const { name } of Deno.readDir(folder)) {
        files.set(name, await Deno.readFile(new URL(name, folder)));
      }
      registry.#add(files);
    }
    return registry;
  }

  private constructor(cache: string) {
    this.#cache = cache;
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#respond(request));
  }

  /** The URL to set `JSR_URL` to. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /**
   * The environment for a `deno` that takes packages from here. It has a cache of its own: the port
   * may have been that of a registry which held other files under the same names.
   */
  get env(): Record<string, string> {
    return { JSR_URL: this.url, DENO_DIR: this.#cache, NO_COLOR: "1" };
  }

  /** The paths that were asked for, in order. */
  get requests(): readonly string[] {
    return this.#requests;
  }

  /**
   * The paths of the files of a package.
   *
   * @param name The name of the package, with its scope.
   * @returns The paths, sorted; none if it was not published.
   */
  files(name: string): string[] {
    return [...this.#packages.get(name)?.files.keys() ?? []].sort();
  }

  /**
   * Publishes a package by `deno publish` itself, so that its files are those JSR would get.
   *
   * @param root The folder that holds its `deno.json`.
   * @default root is this package
   * @throws {PublishError} If it can't be published.
   */
  async publish(root: URL = ROOT): Promise<void> {
    const args = ["publish", "--allow-dirty", "--no-check", "--no-provenance", "--token", "local"];
    const command = new Deno.Command(Deno.execPath(), { args, env: this.env, cwd: root });
    const { success, stderr } = await command.output();
    if (!success) throw new PublishError(root, new TextDecoder().decode(stderr));
  }

  /** Stops serving, and removes the cache. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    await this.#server.shutdown();
    await Deno.remove(this.#cache, { recursive: true });
  }

  #add(files: ReadonlyMap<string, Uint8Array>): void {
    const entry = packageOf(files);
    this.#packages.set(entry.name, entry);
  }

  async #respond(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.#requests.push(pathname);
    if (pathname.startsWith("/api/")) return await this.#respondToPublisher(request, pathname);
    const [, scope, name, ...rest] = pathname.split("/");
    const entry = this.#packages.get(`${scope}/${name}`);
    if (entry === undefined) return new Response(null, { status: 404 });
    if (rest[0] === "meta.json") return Response.json({ versions: { [entry.version]: {} } });
    if (rest[0] === `${entry.version}_meta.json`) return Response.json(await versionMeta(entry));
    const content = entry.files.get(rest.slice(1).join("/"));
    if (rest[0] !== entry.version || content === undefined) {
      return new Response(null, { status: 404 });
    }
    return new Response(new Uint8Array(content));
  }

  async #respondToPublisher(request: Request, pathname: string): Promise<Response> {
    if (request.method === "POST" && request.body !== null) {
      const archive = request.body.pipeThrough(new DecompressionStream("gzip"));
      this.#add(readTar(await new Response(archive).bytes()));
      return Response.json({ id: "local", status: "success", error: null });
    }
    // The package is known, but no version of it: there is always something to publish.
    if (!pathname.includes("/versions/")) return Response.json({ githubRepository: null });
    return Response.json({ code: "versionNotFound", message: "Not found" }, { status: 404 });
  }
}

if (import.meta.main) {
  const registry = await LocalRegistry.start();
  await registry.publish();
  const { JSR_URL, DENO_DIR } = registry.env;
  console.log(`JSR_URL=${JSR_URL} DENO_DIR=${DENO_DIR}`);
}
