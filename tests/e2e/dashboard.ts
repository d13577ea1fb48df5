import type { Page } from "./browser.ts";

/** Keeps a picture, if `SLUICE_SCREENSHOTS` names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("SLUICE_SCREENSHOTS");
  if (folder === undefined) return;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/${name}.png`, await page.screenshot());
}

/** Presses Tab until an element that matches has the focus, as who has no mouse does. */
export async function tabTo(page: Page, selector: string, text: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    const isThere = await page.evaluate(`(() => {
      const at = document.activeElement;
      return at?.matches(${JSON.stringify(selector)}) &&
        at.textContent.includes(${JSON.stringify(text)});
    })()`);
    if (isThere) return;
    await page.press("Tab");
  }
  throw new TypeError(`Tab leads to no ${selector} with ${text}`);
}

/** Types the token where the page asks for it, and waits until the dashboard is live. */
export async function logIn(page: Page, token: string): Promise<void> {
  await page.until("document.activeElement?.id === 'token'");
  for (const letter of token) await page.press(letter);
  await page.press("Enter");
  await page.until("document.getElementById('status')?.textContent === 'live'");
}
