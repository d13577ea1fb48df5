import { codeLines, lineAt } from "./code_lines.ts";

const MAX_LINES = 70;

type FunctionNode =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

/** A function holds at most 70 lines of code, signature and closing brace included. */
export const functionSize: Deno.lint.Rule = {
  create(context) {
    const { text } = context.sourceCode;
    let numbers: number[] | undefined;

    const check = (node: FunctionNode): void => {
      numbers ??= codeLines(text, context.sourceCode.getAllComments().map((each) => each.range));
      const first = lineAt(text, node.range[0]);
      const last = lineAt(text, node.range[1]);
      const lines = numbers.filter((number) => number >= first && number <= last).length;
      if (lines <= MAX_LINES) return;
      context.report({
        range: [node.range[0], node.range[0] + 1],
        message: `The function has ${lines} lines of code: ${MAX_LINES} is the limit`,
      });
    };

    return {
      FunctionDeclaration: check,
      FunctionExpression: check,
      ArrowFunctionExpression: check,
    };
  },
};
