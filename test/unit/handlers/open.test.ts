import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  openSandboxForm,
  openTestForm,
  openTestFormFor,
  openTwinsForm,
  openValidateForm,
} from "../../../src/handlers/forms/open.ts";
import type { HandlerContext, Interaction } from "../../../src/handlers/shared/context.ts";
import { createArgaCache } from "../../../src/store/arga-cache.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";
import { type Bench, type ContextBench, startBench, startContext } from "../support/notices.ts";

/** The forms as they open, and as they look once Arga and Slack have answered. */

let bench: Bench;
let arga: ArgaBench;
let atContext: ContextBench;
beforeAll(async () => {
  arga = await startArgaBench();
  bench = await startBench();
  atContext = await startContext(bench);
});
afterAll(async () => {
  await atContext.end();
  await bench.stop();
  await arga.stop();
});
afterEach(() => bench.slack.clearFaults());

const AWAY = "Arga isn't answering. You can type names; I'll check them once it's back.";

const HEARD = "I'll post the result in that message's thread too, if I'm in its channel.";
const UNHEARD =
  "I can't post the result in that message's thread: I'm not in its channel. Invite me there with `/invite`.";

/** With an Arga that answers, of which nothing is known yet. */
const withArga = (prefix: string): HandlerContext => ({
  ...atContext.context,
  argaCache: createArgaCache(arga.deps.arga, arga.redis, prefix),
});

/** The form that alice sees in the end. */
async function opened(
  open: (context: HandlerContext, interaction: Interaction) => Promise<void>,
  context: HandlerContext = atContext.context,
): Promise<string> {
  const { triggerId = "" } = await bench.slack.command("alice", "dev", "/arga", "");
  const { id } = bench.slack.user("alice");
  const channel = bench.slack.channel("dev").id;
  await open(context, {
    team: bench.slack.teamId,
    actor: { id, name: "alice", channel },
    reply: { user: id, channel, at: Date.now() },
    key: triggerId,
    trigger: triggerId,
    hidden: false,
  });
  // What fills it begins when it's open.
  await atContext.done();
  await atContext.done();
  return JSON.stringify(bench.slack.views("alice").at(-1));
}

describe.each([
  ["twins", "Start twins", openTwinsForm],
  ["a test", "Run a test", openTestForm],
  ["a validation", "Validate", openValidateForm],
  ["a sandbox", "sandbox", openSandboxForm],
] as const)("the form of %s", (_name, title, open) => {
  test("opens for the channel where it was asked for, and says that Arga is away once that's known", async () => {
    const form = await opened((context, interaction) => open(context, interaction));
    expect(form.toLowerCase()).toContain(title.toLowerCase());
    expect(form).toContain(bench.slack.channel("dev").id);
    expect(form).toContain(AWAY);
  });

  test("says nothing of Arga while it answers", async () => {
    const form = await opened((context, interaction) => open(context, interaction), withArga(title));
    expect(form).not.toContain(AWAY);
  });
});

describe("a test that is asked for from a message", () => {
  const from = (context: HandlerContext, interaction: Interaction) =>
    openTestFormFor(context, interaction, {
      text: "<https://shop.example.com> can't be paid",
      channel: bench.slack.channel("dev").id,
      ts: "1.2",
      threadTs: undefined,
    });

  test("is filled in, and its thread will hear of it", async () => {
    const form = await opened(from);
    for (const words of ["https://shop.example.com", "can't be paid", HEARD]) expect(form).toContain(words);
    expect(form).not.toContain(UNHEARD);
  });

  test("says so where its thread can't be told", async () => {
    const channel = { id: bench.slack.channel("dev").id, is_private: false, is_member: false };
    const text = JSON.stringify({ ok: true, channel });
    bench.slack.fault({ method: "conversations.info", action: "garble", text });
    const form = await opened(from);
    expect(form).toContain(UNHEARD);
    expect(form).not.toContain(HEARD);
  });
});
