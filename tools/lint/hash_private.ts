function isConstructor(node: Deno.lint.PropertyDefinition | Deno.lint.MethodDefinition): boolean {
  return node.type === "MethodDefinition" && node.kind === "constructor";
}

/** What is private starts with `#`, so that it is private at run time too. */
export const hashPrivate: Deno.lint.Rule = {
  create(context) {
    const check = (node: Deno.lint.PropertyDefinition | Deno.lint.MethodDefinition): void => {
      // A constructor can't be named otherwise: the keyword is the only way to hide it.
      if (node.accessibility !== "private" || isConstructor(node)) return;
      context.report({ node, message: "The keyword private: use a name that starts with #" });
    };
    return {
      PropertyDefinition: check,
      MethodDefinition: check,
      TSParameterProperty({ range }) {
        context.report({ range, message: "A parameter property: declare a field" });
      },
    };
  },
};
