/** The peer to compare with: a bare TCP echo on `Deno.listen`. Prints its port. */
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 4096 });
console.log((listener.addr as Deno.NetAddr).port);

async function echo(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(16_384);
  try {
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      for (let sent = 0; sent < count;) sent += await conn.write(buffer.subarray(sent, count));
    }
  } finally {
    conn.close();
  }
}

const isReset = (error: unknown): boolean =>
  error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;

for await (const conn of listener) {
  echo(conn).catch((error) => {
    if (!isReset(error)) throw error;
  });
}
