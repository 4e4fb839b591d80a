import type { ModalView } from "@slack/types";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Interaction } from "../../../src/handlers/shared/context.ts";
import { openModal, updateModal } from "../../../src/handlers/shared/modals.ts";
import { type Bench, type ContextBench, startBench, startContext } from "../support/notices.ts";

/** A modal opens within three seconds, and is filled when its content is there. */

let bench: Bench;
let atContext: ContextBench;
beforeAll(async () => {
  bench = await startBench();
  atContext = await startContext(bench);
});
afterAll(async () => {
  await atContext.end();
  await bench.stop();
});

const view = (words: string, more: Partial<ModalView> = {}): ModalView => ({
  type: "modal",
  callback_id: "x",
  title: { type: "plain_text", text: "Logs" },
  blocks: [{ type: "section", text: { type: "mrkdwn", text: words } }],
  ...more,
});
const form = (words: string): ModalView => {
  const submit = { type: "plain_text", text: "Start" } as const;
  const element = { type: "plain_text_input", action_id: "a" } as const;
  const label = { type: "plain_text", text: words } as const;
  return view(words, { submit, blocks: [{ type: "input", block_id: "a", label, element }] });
};

async function interaction(): Promise<Interaction> {
  const { triggerId = "" } = await bench.slack.command("alice", "dev", "/arga", "");
  const { id } = bench.slack.user("alice");
  const channel = bench.slack.channel("dev").id;
  return {
    team: bench.slack.teamId,
    actor: { id, name: "alice", channel },
    reply: { user: id, channel, at: Date.now() },
    key: triggerId,
    trigger: triggerId,
    hidden: false,
  };
}

/** What Slack was asked for, and whether it was to leave alone what changed since. */
async function opened(first: ModalView, filled: ModalView): Promise<[method: string, isGuarded: boolean][]> {
  const before = bench.slack.log.length;
  openModal(atContext.context, await interaction(), { first, fill: async () => filled });
  await atContext.done();
  // A form is filled after that.
  await atContext.done();
  return bench.slack.log
    .slice(before)
    .flatMap((entry) =>
      entry.kind === "api" ? [[entry.method, typeof entry.args.hash === "string"] as [string, boolean]] : [],
    );
}
const shown = (): string => JSON.stringify(bench.slack.views("alice").at(-1)?.blocks);

test("what is filled later replaces what it opened with", async () => {
  expect(await opened(view("loading"), view("all of it"))).toEqual([
    ["views.open", false],
    ["views.update", false],
  ]);
  expect(shown()).toContain("all of it");
});

test("a form is left as it is if somebody has typed into it since", async () => {
  expect(await opened(form("begun"), form("whole"))).toEqual([
    ["views.open", false],
    ["views.update", true],
  ]);
  expect(shown()).toContain("whole");
});

test("nothing is sent where nothing is new", async () => {
  expect(await opened(view("all of it"), view("all of it"))).toEqual([["views.open", false]]);
});

test("another page is put into one that is open", async () => {
  await opened(view("page 1"), view("page 1"));
  const { id = "" } = bench.slack.views("alice").at(-1) ?? {};
  updateModal(atContext.context, await interaction(), id, async () => view("page 2"));
  await atContext.done();
  expect(shown()).toContain("page 2");
});

test.each([
  ["/arga twins", "The form didn't open. Try again, or type `/arga twins`"],
  [undefined, "I couldn't show that. Try again."],
])("one that doesn't open is told of, with what does the same: %s", async (instead, words) => {
  const late = { ...(await interaction()), trigger: "0.late" };
  openModal(atContext.context, late, { first: view("late"), ...(instead ? { instead } : {}) });
  await atContext.done();
  expect(bench.slack.ephemerals("alice", "dev").at(-1)?.text).toContain(words);
});
