import { JobLineDecoder, type JobLineOptions } from "../../php/mod.ts";
import { ByteSlab } from "../byte_slab.ts";
import { type JobRequestResult, readJobRequest } from "../job_request.ts";

/** Options of {@linkcode JobLineReader}. */
export interface JobLineReaderOptions {
  /**
   * Which classes of PHP are jobs, and under which names.
   *
   * @default {none, so that no line of PHP passes}
   */
  readonly php?: JobLineOptions;
}

const PHP_OBJECT = "O".charCodeAt(0);

/** What a line is: a job, a question whether all before it is stored, or wrong. */
export type JobLineResult = JobRequestResult | {
  readonly ok: true;
  /** What the question is to be answered with, as JSON. */
  readonly ack: string;
};

/** The longest answer to a question. */
const MAX_ACK_LENGTH = 200;

/** Reads the lines of the line protocol, be they of JSON or serialized by PHP. */
export class JobLineReader {
  readonly #php: JobLineDecoder;
  readonly #slab = new ByteSlab();
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true });

  /**
   * Sets up what passes.
   *
   * @param options See {@linkcode JobLineReaderOptions}.
   */
  constructor(options: JobLineReaderOptions = {}) {
    this.#php = new JobLineDecoder(options.php ?? { jobs: [] });
  }

  /** Reads one line without its end; it may be overwritten afterwards. */
  read(line: Uint8Array): JobLineResult {
    if (line[0] === PHP_OBJECT) return this.#readPhp(line);
    let value: unknown;
    try {
      value = JSON.parse(this.#utf8.decode(line));
    } catch (error) {
      const why = error instanceof SyntaxError ? "it is no JSON" : "it is not UTF-8";
      return { ok: false, reason: `Cannot take job as ${why}` };
    }
    if (isQuestion(value)) return readQuestion(value.ack);
    return readJobRequest(value, { text: this.#slab.copy(line) });
  }

  #readPhp(line: Uint8Array): JobRequestResult {
    const result = this.#php.decode(line);
    if (result.ok) return readJobRequest({ job: result.job, data: result.data });
    return { ok: false, reason: `Cannot take job of PHP: ${result.error.reason}` };
  }
}

function isQuestion(value: unknown): value is { ack: unknown } {
  return typeof value === "object" && value !== null && "ack" in value && !("job" in value);
}

function readQuestion(value: unknown): JobLineResult {
  const ack = JSON.stringify(value);
  if (ack.length <= MAX_ACK_LENGTH) return { ok: true, ack };
  return { ok: false, reason: `Cannot answer as ack is longer than ${MAX_ACK_LENGTH} characters` };
}
