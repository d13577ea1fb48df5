import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { html } from "../../dashboard/mod.ts";

Deno.test("html escapes what is no markup, wherever it stands", () => {
  const bad = `"><script>alert('x')</script>&amp;`;
  const escaped = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;";
  assertEquals(String(html`<a title="${bad}">${bad}</a>`), `<a title="${escaped}">${escaped}</a>`);
  assertEquals(String(html`${[bad, html`<b>${bad}</b>`]}`), `${escaped}<b>${escaped}</b>`);
});

Deno.test("html leaves out nothing, null and false, but not zero", () => {
  assertEquals(String(html`${null}${undefined}${false}${0}${0n}${""}`), "00");
});

Deno.test("html doesn't take an object that looks like markup for it", () => {
  const forged = { toString: () => "<i>", text: "<i>" } as unknown as string;
  assertEquals(String(html`${forged}`), "&lt;i&gt;");
});

Deno.test("html lets no text out of its element", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    return !/[<>"']/.test(String(html`${text}`));
  }));
});
