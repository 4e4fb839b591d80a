import { expect, test } from "vitest";
import { basicContent, card } from "../../../src/views/card.ts";
import { unfurl } from "../../../src/views/unfurl.ts";
import { NOW, newRun, runIn } from "../support/runs.ts";

const CONTEXT = { now: NOW, maxTtlMinutes: 480 };

/** What stands under a link to a run. */

const idsOf = (blocks: ReturnType<typeof unfurl>): (string | undefined)[] =>
  blocks.filter(({ type }) => type === "actions").map(({ block_id }) => block_id);
const last = (blocks: ReturnType<typeof unfurl>): string => JSON.stringify(blocks.at(-1));

test("is the card, with buttons of its own for each link of a message", () => {
  const run = runIn("ready");
  const whole = basicContent(card({ ...run, card: { state: "due" } }, CONTEXT)).blocks;
  const [first, second] = [unfurl(run, CONTEXT, 1), unfurl(run, CONTEXT, 2)];
  expect(idsOf(first)).not.toEqual([]);
  for (const [n, id] of idsOf(first).entries()) {
    expect(id).toMatch(/^run:k7m2qx:1/);
    expect(idsOf(second)[n]).toBe(id?.replace("k7m2qx:1", "k7m2qx:2"));
  }
  const others = (blocks: typeof whole) => blocks.filter(({ type }) => type !== "actions");
  expect(others(first).slice(0, -1)).toEqual(others(whole));
});

test("says as of when it is, and where the card stays up to date", () => {
  const at = "https://acme.slack.com/archives/C0GENERAL/p12";
  expect(last(unfurl(runIn("ready"), CONTEXT, 1, at))).toContain(
    `<${at}|The card> in <#C0GENERAL> stays up to date.`,
  );
  expect(last(unfurl(runIn("ready"), CONTEXT, 1))).toMatch(
    /As of .*\. The card in <#C0GENERAL> stays up to date\./,
  );
  expect(last(unfurl(newRun(), CONTEXT, 1, at))).toMatch(/"As of [^.]*\."/);
});
