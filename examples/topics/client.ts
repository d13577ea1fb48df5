/**
 * A client of the topics beside this file, which speaks WAMP v1: `client.ts PORT` writes what is
 * published, and `client.ts PORT TEXT` publishes.
 *
 * @module
 */
const [port, text] = Deno.args;
const TOPIC = "com.example.news";
const WELCOME = 0;
const CALL = 2;
const RESULT = 3;
const SUBSCRIBE = 5;
const PUBLISH = 7;
const EVENT = 8;

const socket = new WebSocket(`ws://127.0.0.1:${port}`, "wamp");
const say = (...message: unknown[]): void => socket.send(JSON.stringify(message));
socket.onmessage = ({ data }) => {
  const [type, , value] = JSON.parse(data);
  if (type === WELCOME && text === undefined) say(SUBSCRIBE, TOPIC);
  if (type === WELCOME && text !== undefined) say(PUBLISH, TOPIC, text);
  if (type === WELCOME) say(CALL, "1", "com.example.worker");
  // The answer to a call comes after what was said before it is done.
  if (type === RESULT) console.log(`worker ${value}`);
  if (type === RESULT && text !== undefined) socket.close();
  if (type === EVENT) console.log(value);
};
socket.onclose = ({ wasClean, reason }) => {
  if (!wasClean) console.error(`The connection is gone: ${reason}`);
};
