import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { metadataOf, readBack, sharedFiles } from "../../../src/delivery/read-back.ts";
import { WITH } from "../../support/pictures.ts";
import { eventually } from "../../support/waiting.ts";
import { type Bench, startBench } from "../support/notices.ts";

/** Whether Slack has a message, or a file, whose answer was lost. */

let bench: Bench;
beforeEach(async () => {
  bench = await startBench({ scopes: WITH });
  onTestFinished(() => bench.stop());
});

const run = { id: "k7m2qx", kind: "twin" } as const;
const here = () => ({ team: bench.slack.teamId, channel: bench.slack.channel("dev").id });

async function post(key: string, more: Record<string, unknown> = {}): Promise<string> {
  const { team, channel } = here();
  const metadata = metadataOf(run, "thread", key);
  const answer = await bench.side.slack.call(team, "chat.postMessage", {
    channel,
    text: key,
    metadata,
    ...more,
  });
  return String((answer as { ts?: string }).ts);
}
const found = (key: string, more: { threadTs?: string; since?: number } = {}) =>
  readBack(bench.side.slack, { ...here(), run, key, since: Date.now(), ...more });

describe("a message", () => {
  test("is found by its run and its key, in the channel or in its thread", async () => {
    const card = await post("card");
    const ready = await post("ready", { thread_ts: card });
    expect(await found("card")).toBe(card);
    expect(await found("ready")).toBeUndefined();
    expect(await found("ready", { threadTs: card })).toBe(ready);
    expect(await found("ended", { threadTs: card })).toBeUndefined();
  });

  test("of another run, or without our mark, is none", async () => {
    await post("card", { metadata: metadataOf({ ...run, id: "other2" }, "card", "card") });
    await post("card", { metadata: undefined });
    await post("card", {
      metadata: { event_type: "theirs", event_payload: { run_id: run.id, key: "card" } },
    });
    expect(await found("card")).toBeUndefined();
  });

  test("is looked for where it may be: two minutes around the first try, give or take", async () => {
    const card = await post("card");
    for (const [since, isFound] of [
      [119, true],
      [-119, true],
      [125, false],
      [-125, false],
    ] as const)
      expect(await found("card", { since: Date.now() + since * 1_000 }), String(since)).toBe(
        isFound ? card : undefined,
      );
  });
});

describe("a file", () => {
  const looked = (threadTs: string, ids: string[], since = Date.now()) =>
    sharedFiles(bench.side.slack, { ...here(), threadTs, since }, ids);

  test("is shared where its thread has it, and nowhere else", async () => {
    const card = await post("card");
    const { team, channel } = here();
    const { slack } = bench.side;
    const bytes = Buffer.from("picture");
    const { upload_url, file_id } = (await slack.call(team, "files.getUploadURLExternal", {
      filename: "step.png",
      length: bytes.length,
    })) as unknown as { upload_url: string; file_id: string };
    await slack.upload(upload_url, "step.png", bytes);
    expect(await looked(card, [file_id])).toBe(false);
    await slack.call(team, "files.completeUploadExternal", {
      files: [{ id: file_id, title: "step.png" }],
      channel_id: channel,
      thread_ts: card,
    });
    // Slack shows it a moment later.
    await eventually(() => looked(card, [file_id]));
    expect(await looked(card, ["F0OTHER", file_id])).toBe(true);
    expect(await looked(card, ["F0OTHER"])).toBe(false);
    expect(await looked(card, [file_id], Date.now() + 119_000)).toBe(true);
    expect(await looked(card, [file_id], Date.now() + 125_000)).toBe(false);
    expect(await looked(await post("other"), [file_id])).toBe(false);
  });
});
