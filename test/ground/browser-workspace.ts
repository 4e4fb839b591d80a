import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { findBrowser, openBrowser } from "../../sim/demo/browser.ts";
import { Stage } from "../../sim/demo/stage.ts";
import { benchOf } from "../../sim/demo/switches.ts";
import { PATIENCE_MS } from "../support/waiting.ts";

const executable = findBrowser();

/** Whether there is a browser; without one its tests are skipped, and their name says why. */
export const hasBrowser = executable !== undefined;
export const where = hasBrowser
  ? ""
  : " (skipped: there is no Chromium on PATH; script/bootstrap --browser installs one)";

export const COMPOSER = "Message, or / for a command";
export const WIDE = { width: 1280, height: 760 };

/** The local workspace in a real browser, with the bench beside it and the built bot behind it. */
export interface BrowserWorkspace {
  readonly stage: Stage;
  /** What the console of any page complained of; a test that expects something takes it out. */
  readonly complaints: string[];
  /** The workspace as this person sees it, in a window of a browser of their own. */
  visit(user: string, options?: BrowserContextOptions, path?: string): Promise<Page>;
}

/** Starts it for the tests of this `describe`, ends it after them, and sees that each left the console clean. */
export function workspaceInBrowser(): BrowserWorkspace {
  const complaints: string[] = [];
  const bench = { switches: [], notes: [] };
  const stage = new Stage({ arga: { speed: 10 }, bot: {}, bench });
  let browser: Browser | undefined;

  beforeAll(async () => {
    await stage.start(() => {});
    benchOf(stage, bench);
    browser = await openBrowser(executable ?? "");
  });

  afterAll(async () => {
    await browser?.close();
    await stage.stop();
  });

  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    const { slack } = stage.parts;
    for (const { id } of slack.views("alice").slice(-1)) await slack.closeView("alice", id, { all: true });
    expect(complaints.splice(0)).toEqual([]);
  });

  const visit = async (user: string, options: BrowserContextOptions = {}, path = ""): Promise<Page> => {
    if (!browser) throw new Error("the browser isn't open yet");
    const context = await browser.newContext({ viewport: WIDE, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${stage.parts.slack.url}/?user=${user}${path}`);
    return page;
  };
  return { stage, complaints, visit };
}

/** Writes a line into the composer and sends it. */
export async function type(page: Page, line: string): Promise<void> {
  await page.getByLabel(COMPOSER).fill(line);
  await page.keyboard.press("Enter");
}

export const card = (page: Page, words: string | RegExp): Locator =>
  page.locator("#messages .message", { hasText: words });
