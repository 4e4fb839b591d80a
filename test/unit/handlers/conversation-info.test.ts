import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { conversationInfo } from "../../../src/handlers/shared/conversation-info.ts";
import { type Bench, type ContextBench, startBench, startContext } from "../support/notices.ts";

/** What is known of a conversation before something is posted there. */

let bench: Bench;
let atContext: ContextBench;
beforeAll(async () => {
  bench = await startBench({
    users: ["alice", "bob"],
    channels: [
      { name: "dev", members: ["alice"] },
      { name: "secret", members: ["alice"], private: true },
      { name: "out", members: ["alice"], bot: false },
    ],
  });
  atContext = await startContext(bench);
});
afterAll(async () => {
  await atContext.end();
  await bench.stop();
});
afterEach(() => bench.slack.clearFaults());

const looked = (channel: string) => conversationInfo(atContext.context, bench.slack.teamId, channel);
const idOf = (name: string): string => bench.slack.channel(name).id;

test("a public one that the bot is in is open to all, and a private one isn't", async () => {
  expect(await looked(idOf("dev"))).toEqual({ hidden: false });
  expect(await looked(idOf("secret"))).toEqual({ hidden: true });
});

test("of one that the bot isn't in, or that is archived, it's said", async () => {
  const words = (of: Record<string, unknown>) => {
    bench.slack.clearFaults();
    const channel = { id: "C1", is_private: false, is_member: true, ...of };
    bench.slack.fault({
      method: "conversations.info",
      action: "garble",
      text: JSON.stringify({ ok: true, channel }),
    });
    return looked("C1");
  };
  expect(await words({ is_member: false })).toEqual({
    hidden: false,
    problem: "I'm not in this conversation. Invite me with /invite, or choose another one.",
  });
  expect(await words({ is_archived: true })).toEqual({
    hidden: false,
    problem: "This channel is archived. Choose another one.",
  });
  expect(await words({ is_im: true })).toEqual({ hidden: true });
  expect(await words({ is_mpim: true })).toEqual({ hidden: true });
  expect(await words({ is_private: undefined })).toEqual({ hidden: true });
  expect(await words({ is_private: true, is_member: false })).toEqual({ hidden: true });
});

test("what Slack doesn't say, or too late, is taken for hidden", async () => {
  bench.slack.fault({ method: "conversations.info", error: "channel_not_found", times: 1 });
  expect(await looked(idOf("dev"))).toEqual({ hidden: true });
  bench.slack.fault({ method: "conversations.info", action: "hang", times: 1 });
  expect(await looked(idOf("dev"))).toEqual({ hidden: true });
});
