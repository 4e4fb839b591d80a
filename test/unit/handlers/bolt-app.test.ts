import type { App } from "@slack/bolt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { actions } from "../../../src/handlers/actions/index.ts";
import { boltApp } from "../../../src/handlers/bolt-app.ts";
import { SocketReceiver } from "../../../src/slack/receivers/socket.ts";
import { BotTokens } from "../../../src/slack/tokens.ts";
import { type Bench, type ContextBench, ownClock, startBench, startContext } from "../support/notices.ts";
import { newRun, runIn } from "../support/runs.ts";

let bench: Bench;
let atContext: ContextBench;
let app: App;

beforeEach(async () => {
  ownClock();
  bench = await startBench({
    users: [
      "alice",
      "bob",
      { name: "eve", home: { team: "T0OTHER" } },
      { name: "gil", home: { team: "T0GRID", grid: "E0GRID" } },
    ],
    channels: [{ name: "dev", members: ["alice", "bob", "eve", "gil"] }],
  });
  atContext = await startContext(bench);
  const { context } = atContext;
  const { teamId: team, botId, botUserId, botToken, appToken, apiUrl } = bench.slack;
  app = boltApp({
    context,
    // Never started: what Slack would deliver is handed to Bolt right here.
    receiver: new SocketReceiver({ logger: context.logger, onAck: () => {}, appToken, apiUrl }),
    identity: { team, botId, botUserId },
    tokens: new BotTokens(botToken),
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

describe("a command's run", () => {
  const hiddenAt = async (channel_id: string, channel_name: string | undefined): Promise<boolean[]> => {
    const { id: user_id, name: user_name } = bench.slack.user("alice");
    const place = { channel_id, ...(channel_name === undefined ? {} : { channel_name }) };
    const person = { user_id, user_name, team_id: bench.slack.teamId };
    await deliver({ command: "/arga", text: "validate https://shop.example", ...person, ...place });
    return (await atContext.context.store.liveRuns()).map(({ hidden }) => hidden);
  };

  test.each([
    ["D0ALICE", "directmessage"],
    ["D0ALICE", "dev"],
    ["D0ALICE", ""],
    ["G0OLD", "dev"],
    ["G0OLD", "privategroup"],
    ["C0SECRET", "privategroup"],
    ["C0DEV", ""],
    ["C0DEV", undefined],
    ["C0GROUP", "mpdm-alice--bob-1"],
  ])("in %s, which Slack calls %j, is hidden", async (channel, name) => {
    expect(await hiddenAt(channel, name)).toEqual([true]);
  });

  test("in a public channel is not", async () => {
    expect(await hiddenAt("C0DEV", "dev")).toEqual([false]);
  });
});

describe("somebody of another company", () => {
  const REFUSED = "Only people from this workspace";
  const asWhom = (name: string, team_id?: string) => ({
    id: bench.slack.user(name).id,
    name,
    ...(team_id === undefined ? {} : { team_id }),
  });
  const toldTo = (name: string): string =>
    bench.slack
      .ephemerals(name)
      .map(({ text }) => text)
      .join();
  const menu = { type: "block_suggestion", action_id: "form.twins", block_id: "b", value: "stripe" };
  const pressed = () => ({
    type: "block_actions",
    channel: { id: bench.slack.channel("dev").id, name: "dev" },
    actions: [{ type: "button", action_id: "run.lock", block_id: "run:none", value: "?" }],
  });
  const typed = (name: string, team_id: string) => ({
    command: "/arga",
    text: "help",
    user_id: bench.slack.user(name).id,
    user_name: name,
    channel_id: bench.slack.channel("dev").id,
    channel_name: "dev",
    team_id,
  });

  test("submits a form without effect", async () => {
    const view = { id: "V1", callback_id: "arga_twins", type: "modal", private_metadata: "{}", state: {} };
    expect(await deliver({ type: "view_submission", view, user: asWhom("eve", "T0OTHER") })).toEqual([
      undefined,
    ]);
    expect(await atContext.context.store.live()).toEqual([]);
  });

  test("gets no options of a menu", async () => {
    expect(await deliver({ ...menu, user: asWhom("eve", "T0OTHER") })).toEqual([{ options: [] }]);
  });

  test("is looked up where a payload names no workspace of theirs, or none at all", async () => {
    await deliver({ ...pressed(), user: asWhom("eve") });
    await deliver({ ...pressed(), team: null, user: asWhom("eve", "T0OTHER") });
    expect(toldTo("eve")).toMatch(new RegExp(`${REFUSED}.*${REFUSED}`));
    await deliver({ ...pressed(), user: asWhom("alice") });
    await deliver({ ...pressed(), team: null, user: asWhom("alice", bench.slack.teamId) });
    expect(toldTo("alice")).not.toContain(REFUSED);
  });

  test("types a command without effect; a colleague of the same Grid doesn't", async () => {
    expect(JSON.stringify(await deliver(typed("eve", "T0OTHER")))).not.toContain("Here's what I can do");
    expect(toldTo("eve")).toContain(REFUSED);
    expect(JSON.stringify(await deliver(typed("gil", "T0GRID")))).toContain("Here's what I can do");
  });

  test("is anybody whom Slack can't be asked about, but never who is named as one of ours", async () => {
    bench.slack.fault({ method: "users.info", error: "internal_error" });
    await deliver({ ...pressed(), user: asWhom("bob") });
    expect(toldTo("bob")).toContain(REFUSED);
    await deliver(pressed());
    expect(JSON.stringify(await deliver(typed("alice", bench.slack.teamId)))).toContain(
      "Here's what I can do",
    );
    expect(toldTo("alice")).not.toContain(REFUSED);
  });
});
