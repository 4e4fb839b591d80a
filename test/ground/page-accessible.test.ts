import { describe, expect, test } from "vitest";
import { seriousFaults } from "../support/axe.ts";
import { card, hasBrowser, type, WIDE, where, workspaceInBrowser } from "./browser-workspace.ts";

describe.skipIf(!hasBrowser)(`each surface of the workspace, in a real browser${where}`, () => {
  const { visit } = workspaceInBrowser();

  test.each([
    ["wide", WIDE],
    ["narrow", { width: 390, height: 800 }],
  ] as const)("axe finds nothing serious on any surface, in light or dark: %s", async (_, viewport) => {
    const page = await visit("alice", { viewport }, "#C01DEV");
    const isNarrow = viewport.width < 860;
    const look = async () => {
      await page.emulateMedia({ colorScheme: "light" });
      expect(await seriousFaults(page)).toEqual([]);
      // In the dark nothing but colours differs.
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await seriousFaults(page, ["color-contrast"])).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    };
    await type(page, "/arga twins stripe 60");
    const twin = card(page, "Stripe twin — ready").last();
    await twin.locator(".replies").click();
    await page.locator("#replies .message").nth(1).waitFor();
    await look();
    await page.getByLabel("Close the thread").click();
    await twin.getByRole("button", { name: "Tear down" }).click();
    await page.locator("#confirm[open]").waitFor();
    await look();
    await page.keyboard.press("Escape");
    await page.getByLabel("Shortcuts").click();
    await look();
    await page.getByRole("button", { name: "Run a test" }).click();
    await page.locator("#modal form").waitFor();
    await page
      .getByRole("button", { name: "Start", exact: true })
      .or(page.locator("#modal [type=submit]"))
      .first()
      .click();
    await look();
    await page.getByLabel("Close", { exact: true }).click();
    await page.locator("#modal form").waitFor({ state: "detached" });
    if (isNarrow) await page.getByRole("button", { name: "Channels" }).click();
    await look();
    await page.getByRole("button", { name: "arga Home" }).click();
    await page.locator(".home .block").first().waitFor();
    await look();
    await page.getByRole("button", { name: "Bench", exact: true }).click();
    await page.locator("#traffic li").first().waitFor();
    await look();
  });
});
