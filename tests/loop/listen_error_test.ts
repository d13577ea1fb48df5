import { assertEquals, assertInstanceOf } from "@std/assert";
import { lacksIpv6, listenFailure } from "../../loop/listen_error.ts";
import { ListenError } from "../../loop/mod.ts";

Deno.test("listenFailure() says what could not be bound and why", () => {
  const cause = new TypeError("Inner");
  const cases: [string | undefined, string, string][] = [
    ["EADDRINUSE", "in-use", "the address is in use"],
    ["EADDRNOTAVAIL", "unavailable", "the address is none of this machine's"],
    ["EAFNOSUPPORT", "unavailable", "the machine doesn't speak this kind of address"],
    ["EACCES", "denied", "the system doesn't permit it"],
    ["EIO", "failed", "the system says EIO"],
    [undefined, "failed", "the system says TypeError: Inner"],
  ];
  for (const [errno, code, reason] of cases) {
    const error = listenFailure("listen on", { hostname: "0.0.0.0", port: 8001 }, { errno, cause });
    assertInstanceOf(error, ListenError);
    assertEquals(error.message, `Cannot listen on 0.0.0.0:8001 as ${reason}`);
    assertEquals([error.name, error.code, error.address], ["ListenError", code, "0.0.0.0:8001"]);
    assertEquals(error.cause, cause);
  }
});

Deno.test("lacksIpv6() tells a machine without IPv6", () => {
  const answers = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EADDRINUSE", undefined].map(lacksIpv6);
  assertEquals(answers, [true, true, false, false]);
});
