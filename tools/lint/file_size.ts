import { codeLines } from "./code_lines.ts";

const MAX_LINES = 300;

/** A file holds at most 300 lines of code. */
export const fileSize: Deno.lint.Rule = {
  create(context) {
    return {
      Program(node) {
        const { text } = context.sourceCode;
        const comments = context.sourceCode.getAllComments().map((comment) => comment.range);
        const lines = codeLines(text, comments).length;
        if (lines <= MAX_LINES) return;
        context.report({
          range: [0, Math.min(1, node.range[1])],
          message: `The file has ${lines} lines of code: ${MAX_LINES} is the limit`,
        });
      },
    };
  },
};
