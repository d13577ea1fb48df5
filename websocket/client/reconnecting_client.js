// @ts-self-types="./reconnecting_client.d.ts"
const SUBPROTOCOL = "sluice.topics";
/** Codes after which connecting again would end the same way. */
const FATAL_CODES = [1002, 1003, 1007, 1009, 1010];

/** Tells of a topic: an event that came, a gap in what came, or a refusal. */
export class TopicEvent extends Event {
  constructor(type, init) {
    super(type);
    this.topic = init.topic;
    this.data = init.data;
    this.id = init.id;
    this.reason = init.reason;
  }
}

/** A WebSocket that connects again. */
export class ReconnectingClient extends EventTarget {
  #url;
  #options;
  #socket = null;
  #timer;
  #openedAt = 0;
  #attempts = 0;
  #queue = [];
  #topics = new Map();
  #state = "connecting";
  #onOnline = () => this.#retryNow();

  constructor(url, options = {}) {
    super();
    this.#url = url;
    this.#options = {
      protocols: [SUBPROTOCOL],
      minDelayMs: 500,
      maxDelayMs: 30_000,
      stableMs: 5000,
      connectTimeoutMs: 15_000,
      maxAttempts: Infinity,
      maxQueued: 100,
      isFatal: (code) => FATAL_CODES.includes(code),
      WebSocket: globalThis.WebSocket,
      // In a browser there is no loop that time and randomness could come from.
      // deno-lint-ignore house/ambient
      setTimeout: globalThis.setTimeout.bind(globalThis),
      clearTimeout: globalThis.clearTimeout.bind(globalThis),
      // deno-lint-ignore house/ambient
      random: Math.random,
      // deno-lint-ignore house/ambient
      now: () => performance.now(),
      ...options,
    };
    globalThis.addEventListener?.("online", this.#onOnline);
    this.#connect();
  }

  get state() {
    return this.#state;
  }

  get queued() {
    return this.#queue.length;
  }

  get protocol() {
    return this.#socket?.protocol ?? "";
  }

  send(data) {
    if (this.#state === "open") {
      this.#socket.send(data);
      return true;
    }
    if (this.#state === "closed" || this.#queue.length >= this.#options.maxQueued) return false;
    this.#queue.push(data);
    return true;
  }

  subscribe(topic, listener) {
    let subscription = this.#topics.get(topic);
    if (subscription === undefined) {
      subscription = { listeners: new Set(), last: null };
      this.#topics.set(topic, subscription);
      if (this.#state === "open") this.#askFor(topic, subscription);
    }
    subscription.listeners.add(listener);
    return () => this.#unsubscribe(topic, listener);
  }

  publish(topic, data) {
    return this.send(JSON.stringify({ type: "publish", topic, data }));
  }

  close(code = 1000, reason = "") {
    if (this.#state === "closed") return;
    this.#stop();
    this.#socket?.close(code, reason);
  }

  #stop() {
    this.#state = "closed";
    this.#options.clearTimeout(this.#timer);
    this.#queue = [];
    globalThis.removeEventListener?.("online", this.#onOnline);
  }

  #connect() {
    const { WebSocket, protocols, connectTimeoutMs } = this.#options;
    this.#state = "connecting";
    const url = typeof this.#url === "function" ? this.#url() : this.#url;
    const socket = new WebSocket(url, protocols);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    // A connection that is never answered would be waited for longer than by a new one.
    this.#timer = this.#options.setTimeout(() => socket.close(), connectTimeoutMs);
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event);
    };
  }

  #opened() {
    const { clearTimeout, now } = this.#options;
    clearTimeout(this.#timer);
    if (this.#state === "closed") return this.#socket.close();
    this.#state = "open";
    this.#openedAt = now();
    for (const [topic, subscription] of this.#topics) this.#askFor(topic, subscription);
    for (const data of this.#queue.splice(0)) this.#socket.send(data);
    this.dispatchEvent(new Event("open"));
  }

  #closed({ code, reason, wasClean }) {
    const { clearTimeout, isFatal, now, stableMs, maxAttempts } = this.#options;
    clearTimeout(this.#timer);
    // One that was cut off at once is likely to be cut off again.
    if (this.#state === "open" && now() - this.#openedAt >= stableMs) this.#attempts = 0;
    this.#attempts++;
    const isOver = this.#state === "closed" || isFatal(code) || this.#attempts > maxAttempts;
    if (isOver) this.#stop();
    else this.#retryLater();
    const event = new Event("close");
    Object.assign(event, { code, reason, wasClean, willReconnect: !isOver });
    this.dispatchEvent(event);
  }

  #retryLater() {
    const { minDelayMs, maxDelayMs, random } = this.#options;
    const longest = Math.min(maxDelayMs, minDelayMs * 2 ** (this.#attempts - 1));
    // Between half and all of it: the clients of a server that went come back one by one.
    const delayMs = longest * (0.5 + random() / 2);
    this.#state = "waiting";
    this.#timer = this.#options.setTimeout(() => this.#connect(), delayMs);
  }

  #retryNow() {
    if (this.#state !== "waiting") return;
    this.#options.clearTimeout(this.#timer);
    this.#connect();
  }

  #askFor(topic, { last }) {
    if (this.#socket.protocol !== SUBPROTOCOL) return;
    const after = last === null ? {} : { after: last };
    this.#socket.send(JSON.stringify({ type: "subscribe", topic, ...after }));
  }

  #unsubscribe(topic, listener) {
    const subscription = this.#topics.get(topic);
    if (!subscription?.listeners.delete(listener) || subscription.listeners.size > 0) return;
    this.#topics.delete(topic);
    if (this.#state !== "open" || this.#socket.protocol !== SUBPROTOCOL) return;
    this.#socket.send(JSON.stringify({ type: "unsubscribe", topic }));
  }

  #receive(data) {
    const message = this.#socket.protocol === SUBPROTOCOL ? parse(data) : null;
    const subscription = this.#topics.get(message?.topic);
    switch (message?.type) {
      case "event":
        return this.#receiveEvent(message, subscription);
      case "subscribed":
        if (subscription === undefined) return;
        if (message.gap) this.dispatchEvent(new TopicEvent("gap", message));
        if (subscription.last === null || message.gap) subscription.last = message.last;
        return;
      case "refused":
        this.dispatchEvent(new TopicEvent("refused", message));
        return;
      default:
        this.dispatchEvent(new MessageEvent("message", { data }));
    }
  }

  #receiveEvent(message, subscription) {
    if (subscription === undefined) return;
    subscription.last = message.id;
    const event = new TopicEvent("event", message);
    for (const listener of [...subscription.listeners]) listener(message.data, event);
  }
}

function parse(data) {
  if (typeof data !== "string") return null;
  try {
    const value = JSON.parse(data);
    return typeof value?.topic === "string" ? value : null;
  } catch {
    return null;
  }
}
