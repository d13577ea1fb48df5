/** An error that is made has a class that tells what is wrong: a plain `Error` tells nothing. */
export const errorClass: Deno.lint.Rule = {
  create(context) {
    const check = (node: Deno.lint.NewExpression | Deno.lint.CallExpression): void => {
      if (node.callee.type !== "Identifier" || node.callee.name !== "Error") return;
      context.report({ node, message: "A plain Error: use a class that says what is wrong" });
    };
    return { NewExpression: check, CallExpression: check };
  },
};
