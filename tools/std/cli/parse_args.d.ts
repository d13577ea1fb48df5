/** What `--name` was given as, by the lists it stands in. */
type Flag<K, C, V> = K extends C ? V[] : V;

/** The type of one flag once its default has been applied. */
type WithDefault<K, D, V> = K extends keyof D ? NonNullable<V> | D[K] : V;

type Booleans<B extends string, C, D> = {
  [K in B]: WithDefault<K, D, Flag<K, C, boolean>>;
};

type Strings<S extends string, C, D> = {
  [K in Exclude<S, "_">]: WithDefault<K, D, K extends C ? string[] : string | undefined>;
};

type Untyped<C extends string, B, S, D> = {
  [K in Exclude<C, B | S>]: WithDefault<K, D, unknown[]>;
};

type Defaults<D, B, S, C> = { [K in Exclude<keyof D, B | S | C>]: D[K] };

type Rest<S> = { _: "_" extends S ? string[] : (string | number)[] };

type DoubleDash<X> = X extends true ? { "--": string[] } : unknown;

type Simplify<T> = { [K in keyof T]: T[K] };

/** The flags that were found; `_` holds what was not a flag. */
export type Args<
  B extends string = never,
  S extends string = never,
  C extends string = never,
  D = unknown,
  X extends boolean | undefined = undefined,
> = Simplify<
  & Booleans<B, C, D>
  & Strings<S, C, D>
  & Untyped<C, B, S, D>
  & Defaults<D, B, S, C>
  & Rest<S>
  & DoubleDash<X>
>;

export interface ParseOptions<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  D extends Record<string, unknown> | undefined = Record<string, unknown> | undefined,
  X extends boolean | undefined = boolean | undefined,
> {
  "--"?: X;
  alias?: Record<string, string | readonly string[]>;
  boolean?: B | readonly B[];
  string?: S | readonly S[];
  collect?: C | readonly C[];
  negatable?: string | readonly string[];
  default?: D;
  stopEarly?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  D extends Record<string, unknown> = Record<never, never>,
  X extends boolean | undefined = undefined,
>(args: string[], options?: ParseOptions<B, S, C, D, X>): Args<B, S, C, D, X>;
