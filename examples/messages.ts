/**
 * Messages without a broker, each a line. One program hands out what it reads to as many others as
 * there are, started in any order:
 *
 * ```sh
 * deno run -A examples/messages.ts pull 5555
 * seq 10 | deno run -A examples/messages.ts push 5555
 * ```
 *
 * And one answers what others ask:
 *
 * ```sh
 * deno run -A examples/messages.ts reply 5556
 * echo hello | deno run -A examples/messages.ts ask 5556
 * ```
 *
 * @module
 */
import { Puller, Pusher, Replier, Requester } from "@sluice/sluice/queue";
import process from "node:process";
import { createInterface } from "node:readline";

const [role, port] = [Deno.args[0], Number(Deno.args[1])];
const decoder = new TextDecoder();
const lines = (): AsyncIterable<string> => createInterface({ input: process.stdin });

async function push(): Promise<void> {
  await using pusher = new Pusher();
  await pusher.bind({ port });
  for await (const line of lines()) await pusher.push(line);
}

async function pull(): Promise<void> {
  await using puller = new Puller();
  puller.connect({ port });
  for await (const message of puller) console.log(decoder.decode(message));
}

async function reply(): Promise<void> {
  const replier = new Replier((message) => decoder.decode(message).toUpperCase());
  await replier.bind({ port });
}

async function ask(): Promise<void> {
  await using requester = new Requester();
  requester.connect({ port });
  for await (const line of lines()) console.log(decoder.decode(await requester.request(line)));
}

const roles: Record<string, () => Promise<void>> = { push, pull, reply, ask };
if (!Object.hasOwn(roles, role) || !Number.isInteger(port)) {
  console.error("Usage: examples/messages.ts push|pull|reply|ask PORT");
  Deno.exit(2);
}
await roles[role]();
