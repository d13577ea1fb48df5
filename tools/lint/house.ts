/**
 * The rules of the house that a syntax tree can tell, as a plugin of `deno lint`.
 *
 * @module
 */

import { ambient } from "./ambient.ts";
import { errorClass } from "./error_class.ts";
import { fileSize } from "./file_size.ts";
import { functionSize } from "./function_size.ts";
import { hashPrivate } from "./hash_private.ts";

export default {
  name: "house",
  rules: {
    "ambient": ambient,
    "error-class": errorClass,
    "file-size": fileSize,
    "function-size": functionSize,
    "hash-private": hashPrivate,
  },
} satisfies Deno.lint.Plugin;
