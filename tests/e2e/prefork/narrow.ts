/** An application that says what it is permitted. */

const NAMES = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

export default {
  fetch(): Response {
    const granted = NAMES.filter((name) =>
      Deno.permissions.querySync({ name }).state === "granted"
    );
    return new Response(granted.join());
  },
};
