// Follows the modstamps on the page by server-sent events.
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

if (watched) {
  // It lies beside this script where both are served, not where they are written.
  const { follow } = await import(new URL("stream.js", import.meta.url));
  follow(watched.dataset.watch, take);
}
