import { pino } from "pino";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type Slack, startSlack } from "../../../sim/slack/server.ts";
import { CardLinks } from "../../../src/slack/permalink.ts";
import { BotTokens } from "../../../src/slack/tokens.ts";
import { SlackWeb } from "../../../src/slack/web.ts";
import { ownClock } from "../support/notices.ts";
import { newRun, runIn } from "../support/runs.ts";

/** Where a run's card stands, as an address. */

let slack: Slack;
let links: CardLinks;
beforeEach(async () => {
  ownClock();
  slack = await startSlack();
  onTestFinished(() => slack.close());
  const tokens = new BotTokens(slack.botToken);
  links = new CardLinks(new SlackWeb({ apiUrl: slack.apiUrl, tokens, logger: pino({ level: "silent" }) }));
});
afterEach(() => void vi.useRealTimers());

const asked = (): number => slack.log.filter(({ method }) => method === "auth.test").length;

test("a card's address is made of the workspace's, its channel's and its own place", async () => {
  links.know("T0ACME", "https://acme.slack.com/");
  expect(await links.to(runIn("ready"))).toBe("https://acme.slack.com/archives/C0GENERAL/p12");
  expect(await links.to(runIn("ready", { threadTs: "1700000000.000100" }))).toBe(
    "https://acme.slack.com/archives/C0GENERAL/p12?thread_ts=1700000000.000100&cid=C0GENERAL",
  );
  expect(asked()).toBe(0);
});

test("there is none before the card is posted, and Slack isn't asked for it", async () => {
  expect(await links.to(newRun())).toBeUndefined();
  expect(asked()).toBe(0);
  const linkOf = await links.of("T0ACME");
  expect(linkOf(newRun())).toBeUndefined();
});

test("Slack is asked once for a workspace's address", async () => {
  links.know("T0ACME", "not an address");
  const link = await links.to(runIn("ready"));
  expect(link).toMatch(/^https?:\/\/.+\/archives\/C0GENERAL\/p12$/);
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(await links.to(runIn("ready"))).toBe(link);
  expect(asked()).toBe(1);
});

test("where Slack doesn't say, there is no link, and it's asked again a minute later", async () => {
  slack.fault({ method: "auth.test", status: 503, times: 1 });
  expect(await links.to(runIn("ready"))).toBeUndefined();
  vi.setSystemTime(Date.now() + 59_999);
  expect(await links.to(runIn("ready"))).toBeUndefined();
  expect(asked()).toBe(1);
  vi.setSystemTime(Date.now() + 1);
  expect(await links.to(runIn("ready"))).toMatch(/\/archives\/C0GENERAL\/p12$/);
  expect(asked()).toBe(2);
});
