import type { App } from "@slack/bolt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { actions } from "../../../src/handlers/actions/index.ts";
import { boltApp } from "../../../src/handlers/bolt-app.ts";
import { SocketReceiver } from "../../../src/slack/receivers/socket.ts";
import { type Bench, type ContextBench, ownClock, startBench, startContext } from "../support/notices.ts";
import { newRun, runIn } from "../support/runs.ts";

let bench: Bench;
let atContext: ContextBench;
let app: App;

beforeEach(async () => {
  ownClock();
  bench = await startBench();
  atContext = await startContext(bench);
  const { context } = atContext;
  const { teamId: team, botId, botUserId, botToken, appToken, apiUrl } = bench.slack;
  app = boltApp({
    context,
    // Never started: what Slack would deliver is handed to Bolt right here.
    receiver: new SocketReceiver({ logger: context.logger, onAck: () => {}, appToken, apiUrl }),
    identity: { team, botId, botUserId },
    tokenOf: async () => botToken,
  });
});

afterEach(async () => {
  await atContext.end();
  await bench.stop();
  vi.useRealTimers();
});

/** All that Slack was answered with. */
async function deliver(body: Record<string, unknown>): Promise<unknown[]> {
  const acks: unknown[] = [];
  const { id, name } = bench.slack.user("alice");
  const user = { id, name, team_id: bench.slack.teamId };
  const trigger_id = `${Math.random()}`;
  await app.processEvent({
    body: { team: { id: bench.slack.teamId }, user, trigger_id, ...body },
    ack: async (answer) => void acks.push(answer),
  });
  await atContext.done();
  return acks;
}

const press = (action_id: string): Promise<unknown[]> =>
  deliver({
    type: "block_actions",
    channel: { id: bench.slack.channel("dev").id, name: "dev" },
    actions: [{ type: "button", action_id, block_id: "run:none", value: "?" }],
  });

test("a press inside a thread is answered in that thread, not in the channel's root", async () => {
  const { message } = await bench.slack.postAsUser("alice", "dev", "the card");
  const { payload } = await bench.slack.command("alice", "dev", "/arga", "help");
  await deliver({
    type: "block_actions",
    channel: { id: bench.slack.channel("dev").id, name: "dev" },
    container: { type: "message", message_ts: "9.9", thread_ts: message.ts },
    response_url: (payload as { response_url: string }).response_url,
    actions: [{ type: "button", action_id: "run.lock", block_id: "run:none", value: "?" }],
  });
  const answers = bench.slack
    .ephemerals("alice", "dev")
    .filter(({ kind }) => kind === "postEphemeral" || kind === "response_url");
  expect(answers.map(({ thread_ts }) => thread_ts)).toEqual([message.ts]);
});

test("a run that somebody may not see is answered like one that there is none of, whatever is pressed", async () => {
  const team = bench.slack.teamId;
  const hidden = runIn("ready", { team, id: "h7m2qx", channel: "C0SECRET", hidden: true, kind: "sandbox" });
  await atContext.context.store.create(hidden, { name: "once" });
  const channel = { id: bench.slack.channel("dev").id, name: "dev" };
  const metadata = (run: string) => JSON.stringify({ run, channel: channel.id, page: 0, errorsOnly: false });
  const pressed = async (action_id: string, id: string): Promise<string[]> => {
    const before = told().length;
    const action = { type: "button", action_id, block_id: `run:${id}`, value: "60" };
    const view = { id: "V1", type: "modal", private_metadata: metadata(id) };
    const place = action_id.startsWith("logs.") ? { view } : { channel };
    await deliver({ type: "block_actions", ...place, actions: [action] });
    return told().slice(before);
  };
  for (const id of Object.keys(actions).filter((each) => /^(run|logs)\./.test(each))) {
    const unknown = await pressed(id, "none");
    expect(await pressed(id, hidden.id), id).toEqual(unknown);
  }
});

/** What `/arga` with these words is answered at once. */
async function answerTo(text: string): Promise<string> {
  const { payload } = await bench.slack.command("alice", "dev", "/arga", "help");
  const command = { ...(payload as Record<string, unknown>), text, trigger_id: `${Math.random()}` };
  return JSON.stringify(await deliver(command));
}

describe("an ID", () => {
  const argaId = "0b6f3a0e-93c1-4a5e-8a30-3f0f8c6f2a11";

  test.each([
    "`ID`",
    "ID.",
    "*ID*,",
    "ID\u200e",
    "“ID”",
    "https://app.argalabs.com/runs/ARGA.",
    "<https://app.argalabs.com/runs/ARGA|the run>",
  ])("%s means its run", async (typed) => {
    const run = newRun({ team: bench.slack.teamId, channel: bench.slack.channel("dev").id });
    const { store } = atContext.context;
    await store.create(run, { name: "once" });
    await store.update(run, (at) => ({ ...at, arga: { id: argaId, status: "ready", links: [] } }));
    const id = typed.replace("ID", run.id).replace("ARGA", argaId);
    for (const command of [
      `status ${id}`,
      `/arga status ${id}`,
      `\`/arga status ${id.replaceAll("`", "")}\``,
    ])
      expect(await answerTo(command)).toContain(run.id);
  });
});

const told = (): string[] => bench.slack.ephemerals("alice", "dev").map(({ text }) => text);

describe("a press", () => {
  test.each(["run.lock", "run.lock.2", "run.extend", "run.extend.next"])(
    "of %s has one handler",
    async (id) => {
      expect(await press(id)).toEqual([undefined]);
      expect(told()).toEqual([expect.stringContaining("This run is gone")]);
    },
  );

  test.each(["run.fly", "run", "runXlock", "run.locks", "planet.lock", "tests.run/", "", "constructor"])(
    "of %j, which nobody drew, is answered once",
    async (id) => {
      expect(await press(id)).toEqual([undefined]);
      expect(told()).toEqual([expect.stringContaining("This button is out of date")]);
    },
  );

  test("of whatever there is is acknowledged once", async () => {
    for (const id of Object.keys(actions)) expect(await press(id)).toHaveLength(1);
  });
});

describe("what nobody knows", () => {
  test.each([
    [
      "a modal",
      { type: "view_submission", view: { id: "V1", callback_id: "arga_nothing", type: "modal" } },
      undefined,
    ],
    ["a modal without an id", { type: "view_submission", view: { id: "V1", callback_id: "" } }, undefined],
    ["a shortcut", { type: "shortcut", callback_id: "arga_nothing" }, undefined],
    [
      "a message's shortcut",
      { type: "message_action", callback_id: "arga_test2", channel: { id: "C1" } },
      undefined,
    ],
    [
      "a menu",
      { type: "block_suggestion", action_id: "form.planet", block_id: "b", value: "s" },
      { options: [] },
    ],
  ])("%s is acknowledged once", async (_name, body, answer) => {
    expect(await deliver(body)).toEqual([answer]);
    expect(told()).toEqual([]);
  });

  test("and a menu that there is has its options, also while Arga is away", async () => {
    const typed = { type: "block_suggestion", action_id: "form.twins", block_id: "b", value: "stripe" };
    expect(await deliver(typed)).toEqual([{ options: [expect.objectContaining({ value: "stripe" })] }]);
  });

  test("an event is let pass", async () => {
    expect(await deliver({ type: "event_callback", event: { type: "emoji_changed" } })).toHaveLength(1);
  });
});

describe("a slash command", () => {
  const type = (command: string, text: string): Promise<unknown[]> => {
    const { id: user_id, name: user_name } = bench.slack.user("alice");
    const { id: channel_id } = bench.slack.channel("dev");
    const team_id = bench.slack.teamId;
    return deliver({ command, text, user_id, user_name, channel_id, channel_name: "dev", team_id });
  };

  test("of ours is carried out", async () => {
    expect(await type("/arga", "help")).toEqual([expect.objectContaining({ response_type: "ephemeral" })]);
    expect(JSON.stringify(await type("/arga", "help"))).toContain("Here's what I can do");
  });

  test("of another name is answered with ours", async () => {
    expect(JSON.stringify(await type("/argali", "help"))).toContain("/arga help");
  });
});
