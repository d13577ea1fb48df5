import type { PhpArray } from "./array.ts";
import type { PhpString } from "./bytes.ts";
import type { PhpCustom } from "./custom.ts";
import type { PhpEnum } from "./enum.ts";
import type { PhpFloat } from "./float.ts";
import type { PhpObject } from "./object.ts";
import type { PhpReference } from "./reference.ts";

/**
 * A value of PHP. An integer is a `number` when that is exact and otherwise a `bigint`; a `number`
 * is never a float, for which {@link PhpFloat} stands.
 */
export type PhpValue =
  | null
  | boolean
  | number
  | bigint
  | PhpString
  | PhpFloat
  | PhpArray
  | PhpObject
  | PhpCustom
  | PhpEnum;

/** What stands in an array or a property: a value, or a reference that several places share. */
export type PhpSlot = PhpValue | PhpReference;
