import { assertEquals, assertThrows } from "@std/assert";
import { decodePublication, encodePublication } from "../../prefork/_publication.ts";
import { type BusMember, SupervisorBus } from "../../prefork/_supervisor_bus.ts";
import type { BusMessage } from "../../prefork/mod.ts";

class Member implements BusMember {
  readonly id: number;
  readonly heard: string[] = [];

  constructor(id: number) {
    this.id = id;
  }

  deliver(payload: Uint8Array): boolean {
    const { topic, from, bytes } = decodePublication(payload.slice())!;
    this.heard.push(`${topic} ${from} ${new TextDecoder().decode(bytes)}`);
    return true;
  }
}

function publication(topic: string, data: string, from = 99): Uint8Array<ArrayBuffer> {
  return encodePublication(topic, { from, data });
}

Deno.test("SupervisorBus.relay() passes a message on to those who want its topic, with its true sender", () => {
  const bus = new SupervisorBus();
  const [one, two, three] = [1, 2, 3].map((id) => new Member(id));
  bus.join("news", one);
  bus.join("news", two);
  bus.join("weather", three);
  bus.relay(one, publication("news", "hello"));
  assertEquals([one.heard, two.heard, three.heard], [[], ["news 1 hello"], []]);
});

Deno.test("SupervisorBus.subscribe() hears workers, but not the supervisor itself", () => {
  const bus = new SupervisorBus();
  const member = new Member(4);
  bus.join("news", member);
  const heard: BusMessage[] = [];
  using subscription = bus.subscribe("news", (message) => void heard.push(message));
  bus.relay(member, publication("news", '{"a":1}'));
  assertEquals(bus.publish("news", "from above"), true);
  assertEquals(heard.map(({ from, topic }) => [from, topic]), [[4, "news"]]);
  assertEquals(heard[0].json(), { a: 1 });
  assertEquals(member.heard, ["news 0 from above"]);
  subscription[Symbol.dispose]();
  bus.relay(member, publication("news", "more"));
  assertEquals(heard.length, 1);
});

Deno.test("SupervisorBus.forget() and leave() end it", () => {
  const bus = new SupervisorBus();
  const [one, two] = [new Member(1), new Member(2)];
  bus.join("a", one);
  bus.join("b", one);
  bus.leave("a", one);
  bus.publish("a", "x");
  bus.publish("b", "y");
  bus.forget(one);
  bus.publish("b", "z");
  assertEquals([one.heard, two.heard], [["b 0 y"], []]);
});

Deno.test("SupervisorBus.relay() drops malformed messages", () => {
  const bus = new SupervisorBus();
  const member = new Member(1);
  bus.join("", member);
  bus.relay(new Member(2), new Uint8Array(0));
  bus.relay(new Member(2), Uint8Array.of(0, 0, 0, 0, 200, 1));
  assertEquals(member.heard, []);
});

Deno.test("Bus.publish() refuses a topic that is too long", () => {
  const bus = new SupervisorBus();
  assertThrows(() => bus.publish("ü".repeat(128), ""), RangeError, "longer than 255 bytes");
  assertThrows(() => bus.subscribe("x".repeat(256), () => {}), RangeError, "longer than 255 bytes");
  assertEquals(bus.publish("x".repeat(255), ""), true);
});

Deno.test("Bus.subscribe() refuses more topics than the limit", () => {
  const bus = new SupervisorBus();
  for (let i = 0; i < 10_000; i++) bus.subscribe(String(i), () => {});
  assertThrows(() => bus.subscribe("one more", () => {}), RangeError, "10000 topics");
  bus.subscribe("1", () => {});
});
