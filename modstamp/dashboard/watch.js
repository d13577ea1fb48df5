// Follows the modstamps on the page by server-sent events.
const RETRY_MS = 5000;
const status = document.getElementById("status");
const watched = document.querySelector("[data-watch]");
const rows = new Map([...document.querySelectorAll("tr[data-key]")].map((row) => {
  return [row.dataset.key, row];
}));

function textOf({ value, base64 }) {
  if (base64 === undefined && !/\p{C}/u.test(value)) return value || "–";
  const bytes = base64 === undefined
    ? [...new TextEncoder().encode(value)]
    : [...atob(base64)].map((char) => char.charCodeAt(0));
  return `0x${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function take(modstamp) {
  const row = rows.get(modstamp.id);
  const shown = row?.querySelector("code");
  const text = textOf(modstamp);
  if (!shown || shown.textContent === text) return;
  shown.textContent = text;
  // deno-lint-ignore house/ambient
  const now = new Date();
  const time = row.querySelector("time");
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString();
  // Starts the animation again.
  row.classList.remove("changed");
  void row.offsetWidth;
  row.classList.add("changed");
}

let source = null;
let retry = null;

function show(isLive) {
  const text = isLive ? "live" : "not live";
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("on", isLive);
}

function listen() {
  clearTimeout(retry);
  if (source && source.readyState !== EventSource.CLOSED) return;
  source = new EventSource(watched.dataset.watch);
  source.onopen = () => show(true);
  source.onmessage = ({ data }) => take(JSON.parse(data));
  source.onerror = () => {
    show(false);
    // The browser tries again by itself, unless it was refused.
    // deno-lint-ignore house/ambient
    if (source?.readyState === EventSource.CLOSED) retry = setTimeout(listen, RETRY_MS);
  };
}

function leave() {
  clearTimeout(retry);
  source?.close();
  source = null;
  show(false);
}

if (watched) {
  show(false);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", ({ persisted }) => persisted && listen());
  listen();
}
