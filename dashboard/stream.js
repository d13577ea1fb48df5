// Follows a stream of server-sent events for as long as somebody can see the page, and says
// whether it is live.
const RETRY_MS = 5000;
const status = document.getElementById("status");

function show(isLive) {
  const text = isLive ? "live" : "not live";
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("on", isLive);
}

export function follow(address, take) {
  let source = null;
  let retry = null;

  function listen() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(address);
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

  document.addEventListener("visibilitychange", () => document.hidden ? leave() : listen());
  addEventListener("pagehide", leave);
  addEventListener("pageshow", ({ persisted }) => persisted && listen());
  show(false);
  if (!document.hidden) listen();
}
