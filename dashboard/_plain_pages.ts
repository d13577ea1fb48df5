import { html } from "./html.ts";
import type { Page } from "./site.ts";
import type { View } from "./view.ts";

/** Asks for the token. */
export function loginPage(view: View, fault: string | null): Page {
  const form = html`<form class="card login primary" method="post" action="${view.href(["login"])}">
${fault === null ? null : html`<p class="badge bad" role="alert">${fault}</p>`}
<label for="token">Token of the server</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button></form>`;
  return { title: "Log in", parts: { login: form } };
}

/** Says what is wrong. */
export function errorPage(view: View, text: string): Page {
  const body = html`<div class="card empty"><p>${text}.</p>
<a class="button" href="${view.href([])}">To the start</a></div>`;
  return { title: "Not this time", parts: { error: body } };
}
