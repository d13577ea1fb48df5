import { Byte } from "./_ascii.ts";
import { decode } from "./decode.ts";
import type { JsonError, JsonValue } from "./json_value.ts";
import { resolveLimits } from "./limits.ts";
import type { DecodeLimits } from "./limits.ts";
import { showName } from "./name.ts";
import { PhpObject } from "./object.ts";
import { dereference } from "./reference.ts";
import type { DecodeError } from "./result.ts";
import { toJson } from "./to_json.ts";

/** Which jobs a {@link JobLineDecoder} lets in, and how much of them. */
export interface JobLineOptions extends DecodeLimits {
  /** The classes of jobs: their names, or an object that gives each class the name of its job. */
  readonly jobs: Iterable<string> | Readonly<Record<string, string>>;
  /**
   * The classes of objects that the data may hold, which become plain objects.
   * @default ["stdClass"]
   */
  readonly classes?: Iterable<string>;
  /**
   * The property of the job that holds its data, of whatever visibility; `null` when all its
   * properties are the data.
   * @default "data"
   */
  readonly property?: string | null;
  /**
   * What becomes of integers in the data that a `number` cannot hold exactly.
   * @default "refuse"
   */
  readonly unsafeIntegers?: "refuse" | "string";
}

/** Why a line is no job. */
export interface JobLineError {
  /** The kind of fault: of the format, a limit, or a job or data that is not allowed. */
  readonly code: DecodeError["code"] | "refused";
  /** Where in the line it was found, in bytes; 0 when it has no place. */
  readonly offset: number;
  /** What is wrong, for people. */
  readonly reason: string;
}

/** A job, or why there is none. */
export type JobLineResult =
  | {
    /** Tells a success from a failure. */
    readonly ok: true;
    /** The name of the job. */
    readonly job: string;
    /** The data of the job, fit for JSON. */
    readonly data: JsonValue;
  }
  | {
    /** Tells a failure from a success. */
    readonly ok: false;
    /** What is wrong. */
    readonly error: JobLineError;
  };

/**
 * Reads job lines of PHP: one serialized object a line, whose class says which job it is and one of
 * whose properties holds the data. Only classes that are named pass, and nothing is instantiated.
 * The data is fit for JSON, as if the job had come as a line of JSON.
 *
 * The payload may hold newlines: find the end of a line with `PhpScanner`.
 *
 * @example The job of a PHP program
 * ```ts
 * import { JobLineDecoder } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = new JobLineDecoder({ jobs: { HelloWorldJob: "hello" } });
 * const line = 'O:13:"HelloWorldJob":1:{s:7:"\0*\0data";s:9:"Christoph";}\n';
 * assertEquals(
 *   decoder.decode(new TextEncoder().encode(line)),
 *   { ok: true, job: "hello", data: "Christoph" },
 * );
 * ```
 */
export class JobLineDecoder {
  readonly #jobs: ReadonlyMap<unknown, string>;
  readonly #classes: ReadonlySet<string>;
  readonly #property: string | null;
  readonly #limits: Required<DecodeLimits>;
  readonly #unsafeIntegers: "refuse" | "string";

  /**
   * Sets up what passes.
   *
   * @param options The classes that are let in, and the limits.
   * @throws {RangeError} When a limit is out of range.
   */
  constructor(options: JobLineOptions) {
    const { jobs, classes = ["stdClass"], property = "data", unsafeIntegers = "refuse" } = options;
    this.#jobs = Symbol.iterator in jobs
      ? new Map([...jobs as Iterable<string>].map((name) => [name, name]))
      : new Map(Object.entries(jobs));
    this.#classes = new Set(classes);
    this.#property = property;
    this.#unsafeIntegers = unsafeIntegers;
    this.#limits = resolveLimits(options);
  }

  /**
   * Reads one line.
   *
   * @param line The bytes, with or without the newline that ends it.
   * @returns The job, or why there is none.
   */
  decode(line: Uint8Array): JobLineResult {
    const result = decode(withoutNewline(line), this.#limits);
    if (!result.ok) return result;
    const object = dereference(result.value);
    if (!(object instanceof PhpObject)) return refuse("The line is no object");
    const job = this.#jobs.get(object.className);
    if (job === undefined) return refuse(`Class ${showName(object.className)} is no job`);
    const data = this.#property === null ? object : object.get(this.#property);
    if (data === undefined) return refuse(`The job has no property ${this.#property}`);
    const json = toJson(data, {
      classes: data === object ? [...this.#classes, String(object.className)] : this.#classes,
      unsafeIntegers: this.#unsafeIntegers,
      maxDepth: this.#limits.maxDepth,
      maxElements: this.#limits.maxElements,
      maxCharacters: this.#limits.maxBytes,
    });
    return json.ok ? { ok: true, job, data: json.value } : refuse(describe(json.error));
  }
}

function withoutNewline(line: Uint8Array): Uint8Array {
  if (line.at(-1) !== Byte.NEWLINE) return line;
  return line.subarray(0, line.at(-2) === Byte.RETURN ? -2 : -1);
}

function refuse(reason: string): JobLineResult {
  return { ok: false, error: { code: "refused", offset: 0, reason } };
}

function describe({ path, reason }: JsonError): string {
  return path.length === 0 ? `${reason} in the data` : `${reason} at ${showName(path.join("."))}`;
}
