/** Which set of types is understood. */
export type SchemaType = "failsafe" | "json" | "core" | "default" | "extended";

export interface ParseOptions {
  /** Fail on nothing but report duplicate keys: the later one wins. */
  allowDuplicateKeys?: boolean;
  schema?: SchemaType;
  onWarning?(error: Error): void;
}

export interface StringifyOptions {
  indent?: number;
  arrayIndent?: boolean;
  skipInvalid?: boolean;
  flowLevel?: number;
  sortKeys?: boolean | ((a: string, b: string) => number);
  lineWidth?: number;
  useAnchors?: boolean;
  compatMode?: boolean;
  condenseFlow?: boolean;
  quoteStyle?: "'" | '"';
  schema?: SchemaType;
}

export function parse(content: string, options?: ParseOptions): unknown;
export function parseAll(content: string, options?: ParseOptions): unknown;
export function stringify(data: unknown, options?: StringifyOptions): string;
