import { Found } from "../../../websocket/protocol/found.ts";
import { FrameParser } from "../../../websocket/protocol/frame_parser.ts";
import { MemoryBudget } from "../../../websocket/protocol/memory_budget.ts";
import type { MessageInflater } from "../../../websocket/protocol/message_inflater.ts";
import { Unmasker } from "../../../websocket/protocol/unmasker.ts";

/** Limits of the parsers that tests make. */
export interface ParserOptions {
  maxMessageBytes?: number;
  maxFrameBytes?: number;
  maxFragments?: number;
  budget?: MemoryBudget;
  inflater?: MessageInflater | null;
}

const unmasker = new Unmasker();

/** A parser that gives what it finds as lines. */
export class LineParser {
  readonly parser: FrameParser;
  failed = false;

  constructor(options: ParserOptions = {}) {
    const { budget = new MemoryBudget(Infinity), inflater = null } = options;
    this.parser = new FrameParser({
      maxMessageBytes: options.maxMessageBytes ?? Infinity,
      maxFrameBytes: options.maxFrameBytes ?? Infinity,
      maxFragments: options.maxFragments ?? Infinity,
    }, { budget, inflater, unmasker });
  }

  /** Reads a chunk, and overwrites it, as its memory is only lent. */
  push(bytes: Uint8Array): string[] {
    if (this.failed) return [];
    const chunk = new Uint8Array(bytes);
    const lines: string[] = [];
    this.parser.start(chunk);
    for (;;) {
      const found = this.parser.next();
      if (found === Found.nothing) break;
      lines.push(this.#line(found));
      this.failed = found === Found.failure;
      if (this.failed) break;
    }
    chunk.fill(0xdb);
    return lines;
  }

  #line(found: number): string {
    const { parser } = this;
    switch (found) {
      case Found.text:
        return `text:${parser.text}`;
      case Found.binary:
        return `binary:${parser.bytes.toHex()}`;
      case Found.ping:
        return `ping:${parser.payload.toHex()}`;
      case Found.pong:
        return `pong:${parser.payload.toHex()}`;
      case Found.close:
        return `close:${parser.close.code} ${parser.close.reason}`.trimEnd();
      default:
        return `failure:${parser.close.code} ${parser.close.reason}`;
    }
  }
}

/** What is found in chunks, read one after the other. */
export function parse(chunks: Uint8Array[], options?: ParserOptions): string[] {
  const parser = new LineParser(options);
  return chunks.flatMap((chunk) => parser.push(chunk));
}
