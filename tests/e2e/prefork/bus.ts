/** A worker that answers on the bus, and passes on what it is sent. */
import { worker } from "../../../prefork/mod.ts";

const me = await worker();
me.bus.subscribe("question", (message) => {
  me.bus.publish("answer", `${me.id} heard ${message.text()} from ${message.from}`);
});
me.onMessage((bytes) => void me.send(bytes.slice().reverse()));
me.onReopen(() => void me.bus.publish("answer", `${me.id} reopened`));
me.onRetire(() => void me.bus.publish("answer", `${me.id} retires, ${me.draining.aborted}`));
me.ready();
