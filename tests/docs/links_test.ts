import { assert, assertGreater } from "@std/assert";
import { allMarkdown, inProject } from "./markdown.ts";

/** The anchors of a document, as its headings give them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
  return new Set(
    headings.map((heading) =>
      heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")
    ),
  );
}

Deno.test("documents link to what is there", async () => {
  const documents = await allMarkdown();
  const texts = new Map(documents.map(({ path, text }) => [path, text]));
  let count = 0;
  for (const { path, text } of documents) {
    const prose = text.replace(/^ *```.*?^ *```/gms, "");
    for (const [, link] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [file, anchor] = link.split("#");
      const target = new URL(file || path.split("/").at(-1)!, inProject(path));
      await Deno.stat(target).catch(() => assert(false, `${path}: ${link}`));
      const name = target.href.slice(inProject("").href.length);
      if (anchor !== undefined && name.endsWith(".md")) {
        assert(anchorsOf(texts.get(name)!).has(anchor), `${path}: ${link}`);
      }
      count++;
    }
  }
  assertGreater(count, 50);
});
