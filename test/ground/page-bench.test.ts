import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { seriousFaults } from "../support/axe.ts";
import { card, hasBrowser, type, where, workspaceInBrowser } from "./browser-workspace.ts";

/** Turns a switch of the bench, which has to be open. */
async function turn(page: Page, name: string, choice: string): Promise<void> {
  const group = page.getByRole("group", { name, exact: true });
  await group.getByRole("button", { name: choice, exact: true }).click();
  await group.getByRole("button", { name: choice, exact: true, pressed: true }).waitFor();
}

describe.skipIf(!hasBrowser)(`the bench beside the workspace, in a real browser${where}`, () => {
  const { stage, visit } = workspaceInBrowser();

  test.each(["light", "dark"] as const)(
    "a twin becomes ready, beside a bench that tells of it, and axe finds nothing serious: %s",
    async (colorScheme) => {
      const page = await visit("alice", { colorScheme });
      await page.getByRole("button", { name: "Bench", exact: true }).click();
      await type(page, "/arga twins stripe 60");
      await card(page, "Stripe twin — ready").last().waitFor();
      await page.locator("#traffic li", { hasText: "bot → Arga" }).first().waitFor();
      expect(await seriousFaults(page)).toEqual([]);
    },
  );

  test("by keyboard it is entered where it opens and left where it began, and the channel keeps its end", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    const line = `several words ${"that need a line more in a narrow channel ".repeat(8)}`;
    for (let n = 0; n < 8; n += 1) await stage.parts.slack.postAsUser("bob", "dev", `${line}${n}!`);
    await card(page, "7!").waitFor();
    const focused = () => page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.id");
    await page.getByRole("button", { name: "Bench", exact: true }).focus();
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("Close the bench");
    const isAtEnd = "(({ scrollHeight: all, scrollTop: at, clientHeight: seen }) => all - at - seen < 5)";
    await expect.poll(() => page.evaluate(`${isAtEnd}(document.getElementById("messages"))`)).toBe(true);
    await page.keyboard.press("Enter");
    await page.locator("#bench").waitFor({ state: "hidden" });
    expect(await focused()).toBe("to-bench");
  });

  test("the bot killed in the middle goes on where it was", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    await page.getByRole("button", { name: "Bench", exact: true }).click();
    await type(page, "/arga twins slack 60");
    // Not before: of a create whose answer dies with the bot, nobody can tell whether it started.
    await card(page, /Slack twin — (?:queued|provisioning)/).waitFor();
    const bot = page.getByRole("group", { name: "The bot" });
    await bot.getByRole("button", { name: "is killed" }).click();
    await bot.getByRole("button", { name: "is killed", pressed: true }).waitFor();
    await bot.getByRole("button", { name: "runs" }).click();
    await card(page, "Slack twin — ready").last().waitFor();
    expect(await card(page, "Slack twin —").count()).toBe(1);
  });

  test("Arga down, losing answers and in a hurry: the card says so, and what waited goes on", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    await page.getByRole("button", { name: "Bench", exact: true }).click();
    await turn(page, "Arga", "is down");
    await type(page, "/arga twins discord 10");
    await card(page, "Discord twin — requested").waitFor();
    await card(page, "Nothing has happened since").filter({ hasText: "ECONNREFUSED" }).waitFor();
    await turn(page, "Arga", "answers");
    await card(page, "Discord twin — ready").waitFor();
    // For what is under way as well; the bot, which would not look for minutes, hears of it.
    await turn(page, "Arga's time", "×60");
    await card(page, "Discord twin — expired").waitFor();
    await turn(page, "Arga's time", "×10");
    await turn(page, "Arga", "loses answers");
    await type(page, "/arga twins linear 60");
    await card(page, "Linear twin — can't tell if it started").waitFor();
    await turn(page, "Arga", "answers");
    await page.locator("#traffic li", { hasText: "Arga: loses answers" }).waitFor();
  });

  test("Slack failing, its socket cut, Redis and the bot killed: nothing accepted is lost", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    await page.getByRole("button", { name: "Bench", exact: true }).click();
    for (const [index, trouble] of ["says 429", "says 500"].entries()) {
      const before = await page.locator("#traffic .failed", { hasText: "chat." }).count();
      await turn(page, "Slack's API", trouble);
      await type(page, `/arga twins jira 60`);
      await expect
        .poll(() => page.locator("#traffic .failed", { hasText: "chat." }).count())
        .toBeGreaterThan(before);
      await turn(page, "Slack's API", "answers");
      await expect.poll(() => card(page, "Jira twin — ready").count()).toBe(index + 1);
    }
    expect(await card(page, "Jira twin —").count()).toBe(2);
    await page.getByRole("button", { name: "cut the connection" }).click();
    await page.locator("#traffic li", { hasText: "socket close" }).first().waitFor();
    await expect.poll(() => stage.parts.slack.sockets.count()).toBeGreaterThan(0);
    await turn(page, "Redis", "is killed");
    await type(page, "/arga twins gmail 60");
    await card(page, "I couldn't save that: Redis isn't answering").waitFor();
    await turn(page, "The bot", "is killed");
    await turn(page, "Redis", "runs");
    // Whoever presses twice gets one bot.
    const bot = page.getByRole("group", { name: "The bot" });
    await bot.getByRole("button", { name: "runs" }).dblclick();
    await bot.getByRole("button", { name: "runs", pressed: true }).waitFor();
    await expect.poll(() => stage.parts.slack.sockets.count()).toBeGreaterThan(0);
    await type(page, "/arga list");
    await card(page, "running in this channel").waitFor();
    expect(await card(page, "Gmail twin").count()).toBe(0);
  });
});
