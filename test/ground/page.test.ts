import { describe, expect, test } from "vitest";
import { seriousFaults } from "../support/axe.ts";
import { COMPOSER, card, hasBrowser, type, where, workspaceInBrowser } from "./browser-workspace.ts";

describe.skipIf(!hasBrowser)(`the workspace in a real browser${where}`, () => {
  const { stage, complaints, visit } = workspaceInBrowser();

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
      await page.getByRole("button", { name: "Run a test" }).click();
      await page.locator("#modal form").waitFor();
    };
    await open();
    await page.getByLabel("Twins the page uses").pressSequentially("stri");
    await page.getByRole("option", { name: "Stripe" }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".chip", { hasText: "Stripe" }).waitFor();
    await page.getByLabel("Page URL").fill("the shop");
    await page.getByLabel("What to test").fill("a guest can check out");
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.locator("#modal .error").first().waitFor();
    expect(await page.getByLabel("Page URL").inputValue()).toBe("the shop");
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.locator("#modal form").waitFor({ state: "detached" });
    await open();
    expect(await page.getByLabel("Page URL").inputValue()).toBe("");
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

  test("by keyboard alone: a command is picked, a menu opens where there is room, Escape leaves", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    await page.getByLabel(COMPOSER).focus();
    await page.keyboard.type("/");
    await page.getByRole("option", { name: "/arga", selected: true }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("option", { name: "/invite", selected: true }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#composer-suggestions").waitFor({ state: "hidden" });
    await page.keyboard.type("a");
    await page.keyboard.press("Enter");
    expect(await page.getByLabel(COMPOSER).inputValue()).toBe("/arga ");
    await page.keyboard.type("twins hubspot 60");
    await page.keyboard.press("Enter");
    const twin = card(page, "HubSpot twin — ready").last();
    await twin.waitFor();
    await twin.getByLabel("More", { exact: true }).focus();
    await page.keyboard.press("Enter");
    const menu = twin.locator("details.overflow[open] .menu").last();
    const bottom = async () => {
      const { y = 0, height = 0 } = (await menu.boundingBox()) ?? {};
      return y + height;
    };
    const { y: floor = 0 } = (await page.locator("#composer").boundingBox()) ?? {};
    await expect.poll(bottom).toBeLessThanOrEqual(floor);
    await page.keyboard.press("Escape");
    await menu.waitFor({ state: "detached" });
    await twin.getByRole("button", { name: "Tear down" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#confirm[open]").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#confirm[open]").waitFor({ state: "detached" });
  });

  test("by keyboard alone: what was typed is what is chosen, and whoever has sent a form writes on", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    await type(page, "/arga twins");
    await page.locator("#modal form").waitFor();
    await page.getByLabel("Twins", { exact: true }).focus();
    await page.getByRole("option", { name: "Stripe" }).waitFor();
    // Quicker than the list, which still offers everything.
    await page.keyboard.type("calendly");
    await page.keyboard.press("Enter");
    await page.locator(".chip", { hasText: "Calendly" }).waitFor();
    expect(await page.locator(".chip").count()).toBe(1);
    await page.locator("#modal [type=submit]").focus();
    await page.keyboard.press("Enter");
    await page.locator("#modal form").waitFor({ state: "detached" });
    await page.keyboard.type("and now");
    expect(await page.getByLabel(COMPOSER).inputValue()).toBe("and now");
    await page.getByLabel(COMPOSER).fill("");
  });

  test("by keyboard alone: a menu closes when it is left, and gives back the focus for what it opened", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    await type(page, "/arga twins attio 60");
    const twin = card(page, "Attio twin — ready").last();
    await twin.waitFor();
    const more = twin.getByLabel("More", { exact: true });
    await more.focus();
    await page.keyboard.press("Enter");
    await twin.locator("details.overflow[open]").waitFor();
    await page.keyboard.press("Shift+Tab");
    await twin.locator("details.overflow[open]").waitFor({ state: "detached" });
    await more.focus();
    await page.keyboard.press("Enter");
    await twin.getByRole("button", { name: "Share…" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#modal form").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#modal form").waitFor({ state: "detached" });
    await twin.locator("summary[aria-label=More]:focus").waitFor();
  });

  test("a mistake further down in a form comes into view", async () => {
    const page = await visit("alice");
    await page.getByRole("button", { name: "arga Home" }).click();
    await page.locator(".home").getByRole("button", { name: "Settings" }).click();
    await page.getByLabel("Presets").fill("no colon");
    await page.getByLabel("Remind me before the end").focus();
    await page.keyboard.press("Enter");
    await page.locator("#modal .error").waitFor();
    const isSeen = `(({ top, bottom }, body) => top >= body.top && bottom <= body.bottom)(
      document.querySelector("#modal .error").getBoundingClientRect(),
      document.querySelector("#modal .scroll").getBoundingClientRect())`;
    await expect.poll(() => page.evaluate(isSeen)).toBe(true);
  });

  test("a select forgets what was chosen once it was done, as Slack's does", async () => {
    const page = await visit("alice", {}, "#C01DEV");
    await type(page, "/arga twins datadog 60");
    const select = card(page, "Datadog twin — ready").last().locator("select");
    await select.selectOption({ index: 1 });
    await expect.poll(() => select.inputValue()).toBe("");
  });

  test("who is new or outside sees hints that work there, and marks and drafts that are their own", async () => {
    const bob = await visit("bob", {}, "#C02OPS");
    await bob.getByRole("button", { name: "Join channel" }).waitFor();
    expect(await bob.locator("[data-try]").count()).toBe(0);
    const { slack } = stage.parts;
    await slack.postAsUser("alice", "dev", "news for everybody");
    const dev = bob.locator(".place.unread", { hasText: "dev" });
    await dev.waitFor();
    // In a window of the same browser alice has seen it; bob has not.
    const alice = await bob.context().newPage();
    await alice.goto(`${slack.url}/?user=alice#C01DEV`);
    await card(alice, "news for everybody").waitFor();
    await bob.reload();
    await dev.waitFor();
    await dev.click();
    await dev.waitFor({ state: "detached" });
    await bob.getByLabel(COMPOSER).fill("half a sentence");
    await bob.reload();
    await expect.poll(() => bob.getByLabel(COMPOSER).inputValue()).toBe("half a sentence");
  });

  test("a burst of messages leaves what is there alone, and ends with the last one", async () => {
    const page = await visit("carol", {}, "#C02OPS");
    const { slack } = stage.parts;
    await slack.postAsUser("alice", "ops", "before the burst");
    await card(page, "before the burst").waitFor();
    await page.evaluate("document.querySelector('#messages .message').isKnown = true");
    const posted = Array.from({ length: 100 }, (_, n) => slack.postAsUser("alice", "ops", `burst ${n}!`));
    await Promise.all(posted);
    await card(page, "burst 99!").waitFor();
    expect(await page.evaluate("document.querySelector('#messages .message').isKnown")).toBe(true);
    const isAtEnd = "(({ scrollHeight: all, scrollTop: at, clientHeight: seen }) => all - at - seen < 5)";
    expect(await page.evaluate(`${isAtEnd}(document.getElementById("messages"))`)).toBe(true);
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
