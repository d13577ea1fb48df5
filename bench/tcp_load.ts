/**
 * A load of TCP echoes, for where no C compiler is: the same as `peers/tcp_load.c`, on Deno's own
 * sockets. `deno run -A bench/tcp_load.ts PORT CONNECTIONS SECONDS BYTES`
 *
 * @module
 */

const WARM_UP_MS = 500;

const [port, connections, seconds, bytes] = Deno.args.map(Number);
const message = new Uint8Array(bytes).fill(120);
const begin = performance.now() + WARM_UP_MS;
const end = begin + seconds * 1000;
let echoes = 0;

async function echo(): Promise<void> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  const buffer = new Uint8Array(bytes);
  for (let now = 0; now < end; now = performance.now()) {
    await conn.write(message);
    for (let missing = bytes; missing > 0;) missing -= await conn.read(buffer) ?? missing;
    if (now >= begin) echoes++;
  }
  conn.close();
}

await Promise.all(Array.from({ length: connections }, echo));
console.log(JSON.stringify({ perSecond: Math.round(echoes / seconds) }));
