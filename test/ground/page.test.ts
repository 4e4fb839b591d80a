import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findBrowser, openBrowser } from "../../sim/demo/browser.ts";
import { Stage } from "../../sim/demo/stage.ts";
import { benchOf } from "../../sim/demo/switches.ts";
import { seriousFaults } from "../support/axe.ts";
import { PATIENCE_MS } from "../support/waiting.ts";

const executable = findBrowser();
const where = executable
  ? ""
  : " (skipped: there is no Chromium on PATH; script/bootstrap --browser installs one)";

const COMPOSER = "Message, or / for a command";
const WIDE = { width: 1280, height: 760 };

let browser: Browser;
let stage: Stage;
const complaints: string[] = [];

async function visit(user: string, options: BrowserContextOptions = {}, path = ""): Promise<Page> {
  const context = await browser.newContext({ viewport: WIDE, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${stage.parts.slack.url}/?user=${user}${path}`);
  return page;
}

async function type(page: Page, line: string): Promise<void> {
  await page.getByLabel(COMPOSER).fill(line);
  await page.keyboard.press("Enter");
}

const card = (page: Page, words: string) => page.locator("#messages .message", { hasText: words });

describe.skipIf(!executable)(`the workspace in a real browser${where}`, () => {
  beforeAll(async () => {
    const bench = { switches: [], notes: [] };
    stage = new Stage({ arga: { speed: 10 }, bot: {}, bench });
    await stage.start(() => {});
    benchOf(stage, bench);
    browser = await openBrowser(executable ?? "");
  });

  afterAll(async () => {
    await browser?.close();
    await stage?.stop();
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    const { slack } = stage.parts;
    for (const { id } of slack.views("alice").slice(-1)) await slack.closeView("alice", id, { all: true });
    expect(complaints.splice(0)).toEqual([]);
  });

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

  test("two people look at one card: what one does, the other sees", async () => {
    const alice = await visit("alice");
    await type(alice, "/arga twins github 60");
    await card(alice, "GitHub twin — ready").last().waitFor();
    const bob = await visit("bob");
    const select = card(bob, "GitHub twin — ready").last().locator("select");
    await select.selectOption({ index: 1 });
    await card(alice, "GitHub twin — ready").last().locator(".replies").click();
    await alice.locator("#replies", { hasText: "Extended by" }).waitFor();
    // Somebody who asked for nothing has nothing in view of theirs alone.
    expect(await bob.locator(".message.ephemeral").count()).toBe(0);
  });

  test("a test that fails says why", async () => {
    const page = await visit("alice");
    await type(page, "/arga test https://shop.example.com a broken checkout");
    await card(page, "failed").last().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  test("a form with a mistake stays, says what is wrong, and leaks nothing into the next one", async () => {
    const page = await visit("alice");
    const open = async () => {
      await page.getByLabel("Shortcuts").click();
      await page.getByRole("button", { name: "Start twins" }).click();
      await page.locator("#modal form").waitFor();
    };
    await open();
    await page.getByLabel("Twins", { exact: true }).pressSequentially("stri");
    await page.getByRole("option", { name: "Stripe" }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".chip", { hasText: "Stripe" }).waitFor();
    await page.getByLabel("Duration").fill("next week");
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.locator("#modal .error").first().waitFor();
    expect(await page.getByLabel("Duration").inputValue()).toBe("next week");
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.locator("#modal form").waitFor({ state: "detached" });
    await open();
    expect(await page.getByLabel("Duration").inputValue()).toBe("");
    expect(await page.locator(".chip").count()).toBe(0);
    // As Slack does, the form proposes the channel that one was in.
    expect(await page.getByLabel("Channel", { exact: true }).inputValue()).toBe("C01DEV");
  });

  test("Home shows what runs", async () => {
    const page = await visit("alice");
    await page.getByRole("button", { name: "arga Home" }).click();
    await page.locator(".home .block").first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  test("a message's shortcut is reached by keyboard, and opens its form", async () => {
    const page = await visit("alice");
    await type(page, "look at https://shop.example.com please");
    const message = card(page, "look at").last();
    await message.getByLabel("More actions").focus();
    await page.keyboard.press("Enter");
    await message.getByRole("button", { name: "Test with Arga" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#modal form").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#modal form").waitFor({ state: "detached" });
  });

  test("only declared commands reach the bot; Slack's own invite and join do what they say", async () => {
    const page = await visit("alice", {}, "#C03LONELY");
    await page.getByText("arga is not in this channel").waitFor();
    await type(page, "/jira list");
    await card(page, "/jira is not a valid command").waitFor();
    expect(stage.parts.slack.log.some(({ method }) => method === "/jira")).toBe(false);
    await type(page, "/invite @arga");
    await page.getByText("arga is not in this channel").waitFor({ state: "detached" });
    await type(page, "/invite @arga");
    await page.getByText("Arga is in lonely already.").waitFor();
    // What was refused is still there to be mended; the browser itself notes the refusal.
    expect(await page.getByLabel(COMPOSER).inputValue()).toBe("/invite @arga");
    expect(complaints.splice(0)).toEqual([expect.stringContaining("400")]);
    const bob = await visit("bob", {}, "#C03LONELY");
    await bob.getByRole("button", { name: "Join channel" }).click();
    await bob.getByLabel(COMPOSER).waitFor();
  });

  test("a draft stays in its channel, and with it the cursor while others talk", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    await page.getByLabel(COMPOSER).fill("half a sentence");
    await page.getByRole("button", { name: "ops" }).click();
    expect(await page.getByLabel(COMPOSER).inputValue()).toBe("");
    await page.getByRole("button", { name: "dev" }).click();
    expect(await page.getByLabel(COMPOSER).inputValue()).toBe("half a sentence");
    const { slack } = stage.parts;
    await slack.postAsUser("bob", "dev", "read me slowly");
    await card(page, "read me slowly").waitFor();
    await card(page, "read me slowly").locator(".text").last().selectText();
    await slack.postAsUser("bob", "dev", "something else");
    await card(page, "something else").waitFor();
    expect(await page.evaluate<string>("getSelection().toString()")).toContain("read me slowly");
  });

  test("at 390 px everything is within reach, and nothing sticks out", async () => {
    const page = await visit("alice", { viewport: { width: 390, height: 800 }, hasTouch: true });
    await type(page, "/arga list");
    await page.locator("#messages .message").last().waitFor();
    await page.getByRole("button", { name: "Channels" }).click();
    await page.getByRole("button", { name: "arga Home" }).click();
    await page.locator(".home .block").first().waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(await seriousFaults(page)).toEqual([]);
  });

  test("the bot killed in the middle goes on where it was", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    await page.getByRole("button", { name: "Bench", exact: true }).click();
    await type(page, "/arga twins slack 60");
    await card(page, "Slack twin").last().waitFor();
    const bot = page.getByRole("group", { name: "The bot" });
    await bot.getByRole("button", { name: "is killed" }).click();
    await bot.getByRole("button", { name: "is killed", pressed: true }).waitFor();
    await bot.getByRole("button", { name: "runs" }).click();
    await card(page, "Slack twin — ready").last().waitFor();
    expect(await card(page, "Slack twin —").count()).toBe(1);
  });

  test("what a card has no room for is in its menu, and people can be named there", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    await type(page, "/arga twins notion 60");
    const twin = card(page, "Notion twin — ready").last();
    await twin.waitFor();
    await twin.getByLabel("More", { exact: true }).click();
    await twin.getByRole("button", { name: "Share…" }).click();
    await page.locator("#modal").getByLabel("bob").check();
    expect(await seriousFaults(page)).toEqual([]);
    await page.locator("#modal button[type=submit]").click();
    await page.locator("#modal form").waitFor({ state: "detached" });
    await twin.locator(".replies").click();
    await page.locator("#replies", { hasText: "bob" }).waitFor();
  });

  test("an address with somebody unknown says so, and who there is", async () => {
    const page = await visit("nobody");
    await page.getByRole("heading", { name: "Nobody here is called “nobody”" }).waitFor();
    // The browser itself notes the status of the page.
    expect(complaints.splice(0)).toEqual([expect.stringContaining("404")]);
    await page.getByRole("link", { name: "bob" }).click();
    await page.getByLabel(COMPOSER).waitFor();
  });
});
