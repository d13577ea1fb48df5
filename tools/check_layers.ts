/**
 * Fails when a module imports what its layer must not: `deno run -A tools/check_layers.ts [ROOT]`.
 *
 * @module
 */

import { readImports } from "./layers/import_graph.ts";
import { LAYERS, layerViolations } from "./layers/layer_rules.ts";

if (import.meta.main) {
  const root = new URL(`file://${await Deno.realPath(Deno.args[0] ?? ".")}/`);
  const violations = layerViolations(await readImports(root, Object.keys(LAYERS)));
  for (const line of violations) console.error(line);
  Deno.exit(violations.length > 0 ? 1 : 0);
}
