import { assertEquals } from "@std/assert";
import { epollEventLayout, MessageHeader } from "../../../loop/epoll/layout.ts";

Deno.test("epollEventLayout() packs the event on x86-64 alone", () => {
  assertEquals(epollEventLayout("x86_64"), { size: 12, data: 4 });
  assertEquals(epollEventLayout("aarch64"), { size: 16, data: 8 });
});

Deno.test("MessageHeader has the offsets of mmsghdr on machines of 64 bits", () => {
  const bytes = Object.fromEntries(
    Object.entries(MessageHeader).map(([part, words]) => [part, words * 4]),
  );
  assertEquals(bytes, {
    words: 64,
    name: 0,
    nameLength: 8,
    vectors: 16,
    vectorCount: 24,
    control: 32,
    controlLength: 40,
    flags: 48,
    length: 56,
  });
});
