/**
 * An object that does all that another does, but for some methods: how modules are observed from
 * outside.
 *
 * @param target The other.
 * @param methods What is done instead.
 * @returns It, to be used in the place of the other.
 *
 * @example Count calls
 * ```ts
 * import { intercept } from "@sluice/sluice/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * let gets = 0;
 * const map = new Map([["a", 1]]);
 * const counted = intercept(map, { get: (key) => (gets++, map.get(key)) });
 * assertEquals([counted.get("a"), counted.size, gets], [1, 1, 1]);
 * ```
 */
export function intercept<Target extends object>(
  target: Target,
  methods: { readonly [Name in keyof Target]?: Target[Name] },
): Target {
  // Private members belong to the target, so its methods are called on it.
  const bound = new Map<PropertyKey, { of: unknown; method: unknown }>();
  return new Proxy(target, {
    get(_target, name) {
      if (Object.hasOwn(methods, name)) return methods[name as keyof Target];
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function" || name === "constructor") return value;
      let known = bound.get(name);
      if (known?.of !== value) bound.set(name, known = { of: value, method: value.bind(target) });
      return known.method;
    },
    set: (_target, name, value) => Reflect.set(target, name, value, target),
  });
}
