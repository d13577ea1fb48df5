import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { TokenBuckets } from "../../modstamp/_token_buckets.ts";

Deno.test("TokenBuckets.take() gives at most one second's worth and the rate", () => {
  const takes = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 300 })), {
    maxLength: 200,
    size: "max",
  });
  fc.assert(
    fc.property(fc.constantFrom<number>(1, 100, 1000, 131_072), takes, (rate, takes) => {
      const buckets = new TokenBuckets(rate);
      let [now, level] = [5000, rate];
      for (const [elapsedMs, tokens] of takes) {
        now += elapsedMs;
        level = Math.min(rate, level + elapsedMs * rate / 1000);
        // Levels are kept in 32 bits; too close to call is no matter.
        if (Math.abs(level - tokens) < rate * 1e-5) return;
        assertEquals(buckets.take(3, tokens, now), level >= tokens);
        if (level >= tokens) level -= tokens;
      }
    }),
  );
});

Deno.test("TokenBuckets.take() keeps buckets apart, however high their numbers", () => {
  const buckets = new TokenBuckets(10);
  for (const bucket of [0, 1023, 1024, 500_000]) {
    assert(buckets.take(bucket, 10, 0));
    assertFalse(buckets.take(bucket, 1, 0));
  }
  for (const bucket of [0, 1023, 1024, 500_000]) {
    assertFalse(buckets.take(bucket, 5, 400));
    assert(buckets.take(bucket, 5, 500));
  }
});

Deno.test("TokenBuckets.take() gives nothing for time that runs backwards", () => {
  const buckets = new TokenBuckets(10);
  assert(buckets.take(0, 10, 1000));
  assertFalse(buckets.take(0, 1, 0));
  assertFalse(buckets.take(0, 2, 100));
  assert(buckets.take(0, 1, 200));
});

Deno.test("TokenBuckets.forget() fills a bucket", () => {
  const buckets = new TokenBuckets(10);
  assert(buckets.take(0, 10, 0));
  buckets.forget(0);
  buckets.forget(1_000_000);
  assert(buckets.take(0, 10, 0));
  assertFalse(buckets.take(0, 1, 0));
});
