/** What a Standard Schema says about a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** Why a value doesn't fit a schema. */
export interface SchemaIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where in the value, if not as a whole. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * A schema of whatever library, by the interface that they share: Zod, Valibot,
 * ArkType and others. See https://standardschema.dev.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The interface. */
  readonly "~standard": {
    /** Of which version it is. */
    readonly version: 1;
    /** The library. */
    readonly vendor: string;
    /** Looks whether a value fits. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** The types, which exist only while compiling. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}
