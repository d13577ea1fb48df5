// Keeps the page as the server has it: parts that have changed are sent whole, and only what
// differs is touched, so that focus, selection and what was typed stay.
import { follow } from "./stream.js";

const address = document.body.dataset.live;

function keyOf(node) {
  return node.dataset?.key;
}

function morph(old, next) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    // Whether details are open is up to who looks.
    if (!next.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  morphChildren(old, next);
}

function morphChildren(old, next) {
  const known = new Map([...old.children].map((child) => [keyOf(child), child]));
  const kept = new Set([...next.children].map(keyOf));
  let at = old.firstChild;
  const drop = () => {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  };
  for (const child of [...next.childNodes]) {
    while (at && keyOf(at) && !kept.has(keyOf(at))) drop();
    const key = keyOf(child);
    const same = key ? known.get(key) : at && !keyOf(at) ? at : null;
    if (same?.nodeName !== child.nodeName) {
      old.insertBefore(child, at);
      continue;
    }
    if (same === at) at = at.nextSibling;
    else old.insertBefore(same, at);
    morph(same, child);
  }
  while (at) drop();
}

function take(parts) {
  for (const [name, text] of parts) {
    const part = document.getElementById(`part-${name}`);
    const next = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
    if (part && next) morph(part, next);
  }
}

if (address) follow(address, take);

// A slash leads to the search, as in other places.
document.addEventListener("keydown", (event) => {
  const search = document.querySelector("input[type=search]");
  const isTyping = event.target.closest?.("input, select, textarea");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || isTyping || !search) return;
  event.preventDefault();
  search.focus();
});
