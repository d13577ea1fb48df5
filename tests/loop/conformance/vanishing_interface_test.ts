import { assert, assertEquals } from "@std/assert";
import { need } from "../../needs.ts";

const { ignore, suffix } = need("network-namespaces");

for (const poller of ["portable", "epoll"]) {
  Deno.test({
    name: `${poller} poller: sockets outlive their interface and go on when it is back${suffix}`,
    ignore,
    fn: async () => {
      const program = new URL("vanishing_interface.ts", import.meta.url).pathname;
      const { stdout, code } = await new Deno.Command("unshare", {
        args: ["--map-root-user", "--net", Deno.execPath(), "run", "-A", program],
        env: { SLUICE_POLLER: poller },
        stderr: "inherit",
      }).output();
      const told = JSON.parse(new TextDecoder().decode(stdout));
      assertEquals([code, told.refused, told.reported], [0, "StreamError", []]);
      assertEquals(told.sendErrors, 40);
      assert(told.iterations <= 20, `${told.iterations} iterations while nothing happens`);
    },
  });
}
