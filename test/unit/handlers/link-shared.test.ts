import { describe, expect, test } from "vitest";
import { validateMessage } from "../../../sim/slack/blocks/validate.ts";
import { idsIn } from "../../../src/handlers/shared/run-at.ts";
import { unfurl } from "../../../src/views/unfurl.ts";
import { ADA, NOW, PHASE_NAMES, runIn } from "../support/runs.ts";

const ID = "5b1c3c9e-8f0a-4b6e-9d3d-2f1a7c5e4b10";

test.each([
  [`https://app.argalabs.com/runs/${ID}`, [ID]],
  [`https://app.argalabs.com/validate/${ID.toUpperCase()}?tab=logs#top`, ["validate", ID]],
  [`https://app.argalabs.com/runs/${ID}/steps`, [ID]],
  ["https://app.argalabs.com/runs", []],
  ["https://app.argalabs.com/runs/k7m2qx", []],
  ["https://app.argalabs.com/runs/%00%ff/x", []],
  ["not a link", []],
])("ids that may stand in %s", (url, ids) => {
  expect(idsIn(url)).toEqual(ids);
});

describe("a run under a link to it", () => {
  const context = { now: NOW, maxTtlMinutes: 480 };

  test.each(PHASE_NAMES)("while it is %s, is a message that Slack takes, and pings nobody", (phase) => {
    const blocks = unfurl(runIn(phase), context, 2);
    expect(validateMessage({ text: "a preview", blocks })).toEqual([]);
    expect(JSON.stringify(blocks)).not.toContain(`<@${ADA.id}>`);
    expect(JSON.stringify(blocks)).toContain("As of");
  });

  test("has its buttons, in a block that is told apart from other links", () => {
    const actions = unfurl(runIn("ready"), context, 2).find(({ type }) => type === "actions");
    expect(actions?.block_id).toMatch(/^run:k7m2qx:2:[0-9a-f]{8}$/);
    expect(JSON.stringify(actions)).toContain("run.extend");
  });
});
