import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../loop/mod.ts";
import { steeringProgram } from "../../prefork/linux/steering_program.ts";

/** Runs a program as the kernel does, with the instructions that are used here. */
function run(program: { bytes: Uint8Array<ArrayBuffer>; length: number }, random: number): number {
  const view = new DataView(program.bytes.buffer);
  let accumulator = 0;
  for (let at = 0; at < program.length; at++) {
    const code = view.getUint16(at * 8, true);
    const value = view.getUint32(at * 8 + 4, true);
    if (code === 0x20) {
      assertEquals(value, 0xfffff038);
      accumulator = random;
    } else if (code === 0x94) accumulator %= value;
    else if (code === 0x15) at += view.getUint8(at * 8 + (accumulator === value ? 2 : 3));
    else if (code === 0x06) return value;
    else throw new TypeError(`Cannot run instruction ${code}`);
  }
  throw new TypeError("Cannot go on as the program has ended");
}

Deno.test("steeringProgram() chooses evenly among the targets, and no other", () => {
  const random = new SeededRandom(1);
  const targets = [0, 3, 7];
  const counts = new Map<number, number>();
  for (let i = 0; i < 3000; i++) {
    const chosen = run(steeringProgram(targets), Math.floor(random.next() * 2 ** 32));
    counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort(), targets);
  for (const count of counts.values()) assert(count > 900 && count < 1100, `${count}`);
});

Deno.test("steeringProgram() stays within what the kernel accepts", () => {
  const program = steeringProgram(Array.from({ length: 5000 }, (_, i) => i));
  assert(program.length <= 4096);
  assertEquals(program.bytes.length, program.length * 8);
  // Memory of up to 64 bytes may be moved while the kernel reads it.
  assert(steeringProgram([1]).bytes.length > 64);
});
