import meta from "../deno.json" with { type: "json" };

/** The version of the package. */
export const version: string = meta.version;
