import { assertEquals } from "@std/assert";
import { helpText } from "../../program/mod.ts";

Deno.test("helpText() lists usage, flags with their defaults, and notes", () => {
  const text = helpText(
    { name: "x.ts", summary: "Does it.", usage: ["[FLAGS]"], notes: "Note." },
    {
      port: { type: "integer", short: "p", default: 1, help: "the port" },
      mode: { type: "choice", choices: ["a", "b"], help: "the mode" },
      json: { type: "boolean", help: "as JSON" },
    },
  );
  assertEquals(
    text,
    [
      "Does it.",
      "",
      "Usage:",
      "  x.ts [FLAGS]",
      "",
      "Flags:",
      "  -p, --port INTEGER  the port (default 1)",
      "      --mode a|b      the mode",
      "      --json          as JSON",
      "",
      "Note.",
    ].join("\n"),
  );
});
