/** A cluster of Node, with PORT and WORKERS as arguments. Prints the port once all listen. */
import cluster from "node:cluster";
import { createServer } from "node:http";
import { work } from "./http_work.mjs";

const [port, workers] = process.argv.slice(2).map(Number);
if (cluster.isPrimary) {
  let listening = 0;
  for (let i = 0; i < workers; i++) {
    cluster.fork().on("listening", () => ++listening === workers && console.log(port));
  }
} else {
  const text = "WORK" in process.env ? work : () => "hello";
  createServer(({ method }, response) => {
    const body = `${process.pid} ${text()} ${method}\n`;
    response.writeHead(200, { "content-length": body.length }).end(body);
  }).listen(port, "127.0.0.1");
}
