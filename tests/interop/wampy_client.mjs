// Run by Node where wampy is installed; prints what happened as one line of JSON.
import process from "node:process";

const { Wampy } = await import("wampy");
const { JsonSerializer } = await import("wampy/JsonSerializer.js");
const { MsgpackSerializer } = await import("wampy/MsgpackSerializer.js");
const WebSocket = (await import("ws")).default;

const [url, form, ticket] = process.argv.slice(2);
const serializer = form === "json" ? new JsonSerializer() : new MsgpackSerializer();
const make = () =>
  new Wampy(url, {
    realm: "realm1",
    ws: WebSocket,
    serializer,
    authid: "ada",
    authmethods: ["ticket"],
    onChallenge: () => ticket,
    autoReconnect: false,
  });

const told = {};
const [a, b] = [make(), make()];
await a.connect();
await b.connect();
const event = new Promise((resolve) => {
  a.subscribe("app", ({ argsList, argsDict }) => resolve([argsList, argsDict]), {
    match: "prefix",
  })
    .then(() => b.publish("app.topic", { argsList: [1, "zwei"], argsDict: { drei: 3 } }));
});
told.event = await event;
await a.register("app.double", ({ argsList }) => ({ argsList: [argsList[0] * 2] }));
told.result = (await b.call("app.double", 21)).argsList;
told.error = await b.call("app.nothing").then(
  () => null,
  ({ errorUri, error }) => errorUri ?? error,
);
await a.disconnect();
await b.disconnect();
console.log(JSON.stringify(told));
process.exit(0);
