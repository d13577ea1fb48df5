import { placeOf } from "./place.ts";
import type { Place } from "./place.ts";

/** What reaches outside of the program, and the places of the package that may use it. */
interface Ambient {
  /** What it is, in a message. */
  readonly what: string;
  /** Global functions and classes. */
  readonly globals: readonly string[];
  /** Members of globals, as `global.member`; `global.*` is all of them. */
  readonly members: readonly string[];
  /** Modules of Node. */
  readonly modules: readonly string[];
  /** Where it may stand. */
  readonly places: readonly Place[];
}

const TABLE: readonly Ambient[] = [
  {
    what: "time",
    globals: ["setTimeout", "setInterval", "setImmediate"],
    members: ["Date.now", "performance.now", "AbortSignal.timeout", "Temporal.Now"],
    modules: ["node:timers", "node:timers/promises"],
    places: ["loop"],
  },
  {
    what: "randomness",
    globals: [],
    members: ["Math.random", "crypto.getRandomValues", "crypto.randomUUID"],
    modules: [],
    places: ["loop"],
  },
  {
    what: "I/O",
    globals: [],
    members: ["Deno.*"],
    modules: [
      "node:child_process",
      "node:dgram",
      "node:fs",
      "node:fs/promises",
      "node:http",
      "node:net",
      "node:sqlite",
      "node:tls",
    ],
    places: ["loop", "prefork", "store", "program"],
  },
  { what: "the console", globals: [], members: ["console.*"], modules: [], places: ["program"] },
];

/** Members of `Deno` that do no I/O of their own; the last one hands over a request. */
const HARMLESS = [
  "Deno.build",
  "Deno.customInspect",
  "Deno.errors",
  "Deno.inspect",
  "Deno.version",
  "Deno.upgradeWebSocket",
];

function matches(ambient: Ambient, name: string): boolean {
  if (HARMLESS.includes(name)) return false;
  return ambient.members.includes(name) || ambient.members.includes(`${name.split(".")[0]}.*`);
}

/** Whether an identifier names a property and not a variable. */
function isPropertyName(node: Deno.lint.Identifier): boolean {
  const parent = node.parent as Deno.lint.Node & Record<string, Deno.lint.Node | boolean>;
  if (parent.computed === true) return false;
  const name = (parent.property ?? parent.key) as Deno.lint.Node | undefined;
  return name?.range[0] === node.range[0];
}

/** Time, randomness, I/O and the console appear only where they can be simulated or belong. */
export const ambient: Deno.lint.Rule = {
  create(context) {
    const place = placeOf(context.filename);
    const forbidden = TABLE.filter((row) => place !== undefined && !row.places.includes(place));
    if (forbidden.length === 0) return {};

    const report = (range: Deno.lint.Range, name: string, row: Ambient): void => {
      const message = `${name} is ${row.what}, which belongs in: ${row.places.join(", ")}`;
      context.report({ range, message });
    };

    return {
      Identifier(node) {
        const row = forbidden.find((each) => each.globals.includes(node.name));
        if (row !== undefined && !isPropertyName(node)) report(node.range, node.name, row);
      },
      MemberExpression(node) {
        const path = context.sourceCode.getText(node).replace(/^globalThis\./, "");
        if (!/^\w+(\.\w+)?$/.test(path)) return;
        const row = forbidden.find((each) => matches(each, path) || each.globals.includes(path));
        if (row !== undefined) report(node.range, path, row);
      },
      NewExpression(node) {
        const row = forbidden.find((each) => each.members.includes("Date.now"));
        const isNow = node.callee.type === "Identifier" && node.callee.name === "Date" &&
          node.arguments.length === 0;
        if (isNow && row !== undefined) report(node.range, "new Date()", row);
      },
      ImportDeclaration(node) {
        const row = forbidden.find((each) => each.modules.includes(node.source.value));
        if (row !== undefined) report(node.range, node.source.value, row);
      },
    };
  },
};
