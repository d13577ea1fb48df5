import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../loop/mod.ts";
import { reuseportOrder, type Samples } from "../../prefork/linux/reuseport_order.ts";

/** Which socket the kernel would choose: each has an equal part of the range of hashes. */
function choose(sockets: readonly number[], hash: number): number {
  return sockets[Math.floor(hash * sockets.length)];
}

function sample(
  order: readonly number[],
  joined: number,
  count: number,
  random: SeededRandom,
): Samples {
  const hashes = Array.from({ length: count }, () => random.next());
  return {
    before: hashes.map((hash) => choose(order, hash)),
    after: hashes.map((hash) => choose([...order, joined], hash)),
  };
}

function shuffled(length: number, random: SeededRandom): number[] {
  const numbers = Array.from({ length }, (_, i) => 1000 + i);
  return numbers.map((number) => ({ number, key: random.next() }))
    .sort((a, b) => a.key - b.key).map(({ number }) => number);
}

Deno.test("reuseportOrder() finds the order in which the kernel keeps sockets", () => {
  const random = new SeededRandom(7);
  for (let length = 1; length <= 40; length++) {
    const order = shuffled(length, random);
    const samples = sample(order, 1, 64 * (length + 1) ** 2, random);
    assertEquals(reuseportOrder(1, [...order].sort(), samples), order);
  }
});

Deno.test("reuseportOrder() says when there are too few samples", () => {
  const random = new SeededRandom(8);
  const order = shuffled(20, random);
  assertEquals(reuseportOrder(1, order, sample(order, 1, 30, random)), "few");
});

Deno.test("reuseportOrder() never gives a wrong order when a socket came or went meanwhile", () => {
  const random = new SeededRandom(9);
  for (let tries = 0; tries < 200; tries++) {
    const order = shuffled(2 + tries % 8, random);
    const [before, after] = tries % 2 === 0
      ? [order, [...order, 5, 1]]
      : [order, [order.at(-1)!, ...order.slice(1, -1), 1]];
    const hashes = Array.from({ length: 4000 }, () => random.next());
    const found = reuseportOrder(1, order, {
      before: hashes.map((hash) => choose(before, hash)),
      after: hashes.map((hash) => choose(after, hash)),
    });
    assertEquals(found === "changed" || found === "few", true, `${order} ${found}`);
  }
});
