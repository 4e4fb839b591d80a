import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../../../src/handlers/commands/run-command.ts";
import { openTwinsForm } from "../../../src/handlers/forms/open.ts";
import { presetsIn } from "../../../src/handlers/forms/presets.ts";
import { chooseCredentials } from "../../../src/handlers/operations/credentials.ts";
import type { Interaction } from "../../../src/handlers/shared/context.ts";
import type { Run } from "../../../src/runs/run.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { type Bench, type ContextBench, startBench, startContext } from "../support/notices.ts";
import { MINUTE, newRun, runIn } from "../support/runs.ts";

/** What is typed after `/arga`, from the words to what is kept of them and what is answered. No worker runs. */

let bench: Bench;
let atContext: ContextBench;
beforeAll(async () => {
  bench = await startBench({
    users: ["alice", "bob"],
    channels: [
      { name: "dev", members: ["alice", "bob"] },
      { name: "ops", members: ["alice", "bob"] },
    ],
  });
  atContext = await startContext(bench);
});
afterAll(async () => {
  await atContext.end();
  await bench.stop();
});

let keys = 0;

/** One delivery of a person's; in a modal, it isn't known in which channel they are. */
function interactionOf(who: string, channel: string): Interaction {
  const { id } = bench.slack.user(who);
  return {
    team: bench.slack.teamId,
    actor: { id, name: who, channel },
    reply: { user: id, channel, at: Date.now() },
    key: `key-${keys++}`,
    trigger: "t",
    hidden: false,
  };
}

/** What a person is answered in a channel; "" if nothing. */
async function typed(text: string, who = "alice", where = "dev"): Promise<string> {
  const channel = bench.slack.channel(where).id;
  const answer = await runCommand(atContext.context, interactionOf(who, channel), text);
  await atContext.done();
  return answer?.text ?? "";
}

/** A run of Alice's in #dev. */
async function kept(run: Run): Promise<Run> {
  const { slack, side } = bench;
  const requester = { id: slack.user("alice").id, name: "alice" };
  const end = Date.now() + 60 * MINUTE;
  const own: Run = {
    ...run,
    team: slack.teamId,
    id: RunStore.newId(),
    channel: slack.channel("dev").id,
    requester,
    requestedAt: Date.now(),
    ...(run.deadline ? { deadline: { at: end, remindAt: end - 5 * MINUTE, reminded: false } } : {}),
  };
  await side.store.create(own, { name: own.id });
  return own;
}
const ready = (more: Partial<Run> = {}): Promise<Run> => kept(runIn("ready", more));
const read = async (run: Run): Promise<Run | undefined> => bench.side.store.get(run);
const asked = async (run: Run) =>
  (await read(run))?.actionRequests.map(({ action, minutes, shorten, by }) => ({
    action,
    by: by.name,
    ...(minutes === undefined ? {} : { minutes }),
    ...(shorten === undefined ? {} : { shorten }),
  }));

describe("a run's action", () => {
  test.each(["lock", "reset", "teardown"] as const)(
    "%s is kept with the run, and its person",
    async (action) => {
      const run = await ready();
      await typed(`${action} ${run.id}`);
      expect(await asked(run)).toEqual([{ action, by: "alice" }]);
      expect(await bench.side.queues.withoutJob("arga", [run])).toEqual([]);
    },
  );

  test("extend takes the id and the time in either order", async () => {
    for (const words of [(id: string) => `extend ${id} 2h`, (id: string) => `extend 120 ${id}`]) {
      const run = await ready();
      await typed(words(run.id));
      expect(await asked(run)).toEqual([{ action: "extend", by: "alice", minutes: 120 }]);
    }
  });

  test("an end that is sooner is refused, unless it's meant", async () => {
    const run = await ready();
    expect(await typed(`extend ${run.id} 30`)).toContain("--shorten");
    expect(await asked(run)).toEqual([]);
    await typed(`extend ${run.id} 30 --shorten`);
    expect(await asked(run)).toEqual([{ action: "extend", by: "alice", minutes: 30, shorten: true }]);
  });

  test.each([
    ["extend", "Give a run's id, and in how many minutes it should end. Try `/arga extend k7m2qx 30`"],
    ["lock", "Which run? `/arga lock` needs an id; `/arga list` shows them. Try `/arga lock k7m2qx`"],
    ["cancel", "Which run? `/arga cancel` needs an id; `/arga list` shows them. Try `/arga cancel k7m2qx`"],
    ["rerun", "Which run? `/arga rerun` needs an id; `/arga list` shows them. Try `/arga rerun k7m2qx`"],
    ["status", "Which run? `/arga status` needs an id; `/arga list` shows them. Try `/arga status k7m2qx`"],
    ["logs", "Which run? `/arga logs` needs an id; `/arga list` shows them. Try `/arga logs k7m2qx`"],
    ["lock zzzzzz", "There's no run `zzzzzz`. `/arga list all` shows what's running. Try `/arga list all`"],
    ["list theirs", "`theirs` isn't a list. Use `mine`, `channel` or `all`. Try `/arga list mine`"],
    ["list mine all", "Unexpected argument `all` for `/arga list`. Try `/arga list`"],
    ["extend k7m2qx", "Give a run's id, and in how many minutes it should end. Try `/arga extend k7m2qx 30`"],
    ["lok k7m2qx", "There's no `lok` command. Did you mean `lock`? Try `/arga lock k7m2qx`"],
    ["stop k7m2qx", "There's no `stop` command. Did you mean `teardown`? Try `/arga teardown k7m2qx`"],
    ["pigeon", "There's no `pigeon` command. `/arga help` lists what I can do. Try `/arga twins stripe 60`"],
  ])("%s is refused, with what works", async (text, answer) => {
    expect(await typed(text)).toBe(answer);
  });

  test("of somebody else's run is refused, what is open to all in its channel isn't", async () => {
    const run = await ready();
    expect(await typed(`lock ${run.id}`, "bob")).toContain("only alice, who started it");
    expect(await typed(`extend ${run.id} 90`, "bob", "ops")).toContain(
      "that only works in the channel where it runs",
    );
    expect(await asked(run)).toEqual([]);
    await typed(`extend ${run.id} 90`, "bob");
    expect(await asked(run)).toEqual([{ action: "extend", by: "bob", minutes: 90 }]);
  });

  test("of a run that ended is refused", async () => {
    const run = await kept(runIn("ended"));
    expect(await typed(`lock ${run.id}`)).toContain("it has already ended");
    expect(await asked(run)).toEqual([]);
  });
});

describe("a flag that was mistyped", () => {
  /** What is said, and what its button would run. */
  const offered = async (text: string): Promise<[text: string, button: string | undefined]> => {
    const channel = bench.slack.channel("dev").id;
    const answer = await runCommand(atContext.context, interactionOf("alice", channel), text);
    const [, button] =
      /"action_id":"command\.run\.0".*?"value":("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(answer?.blocks)) ??
      [];
    return [answer?.text ?? "", button && (JSON.parse(button) as string)];
  };

  test.each([
    ["twins stripe 60 --privat", "/arga twins stripe 60 --private"],
    ["  /arga   twins stripe --privat 60", "/arga twins stripe --private 60"],
    ["test https://a.example pay --twin stripe", "/arga test https://a.example pay --twins stripe"],
  ])("%s is offered as it was meant, with all that was typed", async (text, meant) => {
    const [said, button] = await offered(text);
    expect(said).toContain("Did you mean");
    expect(button).toBe(meant);
  });

  test("and is near to none isn't offered", async () => {
    const [said, button] = await offered("twins stripe --zzzzzz");
    expect(said).toContain("--zzzzzz");
    expect(button).toBeUndefined();
  });
});

test("an id that may mean several is asked about, with one of them", async () => {
  const [one, other] = [await ready(), await ready()];
  const argaId = "0b6f3a0e-93c1-4a5e-8a30-3f0f8c6f2a11";
  for (const [run, id] of [
    [one, argaId],
    [other, `${argaId.slice(0, -1)}2`],
  ] as const)
    await bench.side.store.update(run, (now) => ({ ...now, arga: { id, status: "ready", links: [] } }));
  const answer = await typed("status 0b6f3a0e");
  expect(answer).toMatch(
    /^`0b6f3a0e` may mean `\w{6}`, `\w{6}`\. Write more of it\. Try `\/arga status \w{6}`$/,
  );
  for (const { id } of [one, other]) expect(answer).toContain(id);
  expect(await typed(`status ${argaId}`)).toContain(one.id);
});

/** What was started again of a run. */
const repeatsOf = async (run: Run): Promise<Run[]> =>
  (await bench.side.store.liveRuns(run.team)).filter(({ previous }) => previous?.id === run.id);

describe("a run that ended", () => {
  const ended = (more: Partial<Run> = {}): Promise<Run> =>
    kept(runIn("ended", { spec: { twins: ["stripe"], ttlMinutes: 90 }, tookMs: 4_200, ...more }));

  test("starts again for whoever asks in its channel, as it was, and once though two ask", async () => {
    const run = await ended({ threadTs: "7.7" });
    expect(await typed(`rerun ${run.id}`, "bob")).toBe("");
    const answer = `\`${run.id}\` was started again just now; its new card is in the channel.`;
    expect(await typed(`rerun ${run.id}`)).toBe(answer);
    const [repeat, ...more] = await repeatsOf(run);
    expect(more).toEqual([]);
    expect(repeat).toMatchObject({
      kind: run.kind,
      spec: run.spec,
      ttlMinutes: 90,
      channel: run.channel,
      threadTs: "7.7",
      hidden: false,
      requester: { id: bench.slack.user("bob").id, name: "bob" },
      previous: { id: run.id, outcome: "torn_down", tookMs: 4_200 },
      phase: { name: "requested", checked: false },
    });
    expect(repeat && (await bench.side.queues.withoutJob("slack", [repeat]))).toEqual([]);
  });

  test("doesn't start again in another channel, nor while it still runs", async () => {
    const run = await ended();
    expect(await typed(`rerun ${run.id}`, "bob", "ops")).toContain(
      "that only works in the channel where it runs",
    );
    const live = await ready();
    expect(await typed(`rerun ${live.id}`)).toBe(
      `\`${live.id}\` is still running; it can be started again once it has ended.`,
    );
    expect([...(await repeatsOf(run)), ...(await repeatsOf(live))]).toEqual([]);
  });

  test("and had more time than is given now is offered with the most that there is", async () => {
    const run = await ended({ spec: { twins: ["stripe"], ttlMinutes: 600 } });
    expect(await typed(`rerun ${run.id}`)).toBe(
      `\`${run.id}\` ran for 600 minutes, and the most is 480 now. Try \`/arga twins stripe 480\``,
    );
    expect(await repeatsOf(run)).toEqual([]);
  });
});

describe("logs", () => {
  const sandbox = { kind: "sandbox", spec: { repo: "acme/shop", branch: "main", ttlMinutes: 60 } } as const;

  test("are shown where there are any, and else it's said why not", async () => {
    const twin = await ready();
    expect(await typed(`logs ${twin.id}`)).toBe(
      `Arga keeps no logs of this twin run, \`${twin.id}\`. Try \`/arga status ${twin.id}\``,
    );
    const asked = await kept(newRun(sandbox));
    expect(await typed(`logs ${asked.id}`)).toBe(`\`${asked.id}\` has no logs: Arga hasn't started it yet.`);
    const failed = await kept(newRun({ ...sandbox, phase: { name: "ended", at: 1, outcome: "failed" } }));
    expect(await typed(`logs ${failed.id}`)).toBe(`\`${failed.id}\` has no logs: Arga never started it.`);
    const running = await ready(sandbox);
    expect(await typed(`logs ${running.id}`, "bob", "ops")).toContain("only works in the channel");
  });
});

describe("what is running", () => {
  test("is listed of this channel, of oneself, and of the workspace; what may not be seen isn't", async () => {
    const { slack, side } = bench;
    const old = await side.store.liveRuns(slack.teamId);
    for (const run of old)
      await side.store.update(
        run,
        (now) => ({ ...now, phase: { name: "ended", at: 1, outcome: "expired" } }),
        () => true,
      );
    expect(await typed("list")).toBe(
      "Nothing is running in this channel. Start something: `/arga twins stripe 60`",
    );
    await ready();
    await ready({ hidden: true });
    await kept(newRun());
    await kept(runIn("ended", { outbox: [{ to: "thread", key: "ended", what: { type: "ended" } }] }));
    expect(await typed("list")).toBe("3 running in this channel");
    expect(await typed("list", "bob", "ops")).toContain("Nothing is running in this channel");
    expect(await typed("list mine", "alice", "ops")).toBe("3 running of yours");
    expect(await typed("list mine", "bob")).toContain("Nothing is running of yours");
    expect(await typed("list ALL", "bob", "ops")).toBe("2 running in this workspace");
    expect(await typed("list channel", "bob")).toBe("3 running in this channel");
  });

  test("is shown by its id, to one person with what they may press", async () => {
    const run = await ready();
    expect(await typed(`status ${run.id}`)).toBe(`Stripe twin: ready (for alice, ${run.id})`);
    expect(await typed(`status ${run.id}`, "bob", "ops")).toBe(`Stripe twin: ready (for alice, ${run.id})`);
    const hidden = await ready({ hidden: true });
    expect(await typed(`status ${hidden.id}`, "bob", "ops")).toBe(
      `There's no run \`${hidden.id}\`. \`/arga list all\` shows what's running. Try \`/arga list all\``,
    );
  });
});

test("sharing needs each person mentioned, after the id", async () => {
  const run = await ready();
  const bob = bench.slack.user("bob").id;
  const why =
    "Whom should it be shared with? Mention each person with @, after the id. Try `/arga share k7m2qx @sam`";
  expect(await typed(`share ${run.id}`)).toBe(why);
  expect(await typed(`share ${run.id} bob`)).toBe(why);
  expect(await typed(`share ${run.id} <@${bob}> and`)).toBe(why);
  await typed(`share ${run.id} <@${bob}>`);
  expect((await read(run))?.sharedWith?.map(({ id }) => id)).toEqual([bob]);
  await typed(`lock ${run.id}`, "bob");
  expect(await asked(run)).toEqual([{ action: "lock", by: "bob" }]);
});

test("help is all of it, or one command's; nothing typed is answered in short", async () => {
  expect(await typed("help")).toBe(
    "Here's what I can do. /arga help COMMAND has the details of one command.",
  );
  expect(await typed("help lock")).toBe("/arga lock ID: Revoke a run's public URLs. This can't be undone.");
  expect(await typed("")).toBe(
    "I start digital twins, test runs and validations at Arga. /arga help lists all commands.",
  );
});

describe("a form", () => {
  /** The view that Alice got by a press, in a channel or on her Home. */
  async function opened(where: string | undefined): Promise<Record<string, unknown>> {
    const { slack } = bench;
    const { id } = slack.user("alice");
    const { triggerId = "" } = await slack.command("alice", "dev", "/arga", "");
    const channel = where === undefined ? "" : slack.channel(where).id;
    const interaction: Interaction = {
      team: slack.teamId,
      actor: { id, name: "alice", channel },
      reply: { user: id, channel, at: Date.now() },
      key: `key-${keys++}`,
      trigger: triggerId,
      hidden: false,
    };
    await openTwinsForm(atContext.context, interaction);
    await atContext.done();
    const { blocks } = slack.views("alice").at(-1) as unknown as { blocks: Record<string, unknown>[] };
    const asks = blocks.find(({ block_id }) => block_id === "channel")?.element as Record<string, unknown>;
    return {
      channel: asks.initial_conversation,
      presets: blocks.find(({ block_id }) => block_id === "form:preset"),
    };
  }

  test("begins in the channel that it was opened in, else in the person's own, with their presets", async () => {
    const { slack } = bench;
    const [dev, ops] = [slack.channel("dev").id, slack.channel("ops").id];
    expect(await opened("dev")).toEqual({ channel: dev, presets: undefined });
    expect(await opened(undefined)).toEqual({ channel: undefined, presets: undefined });
    const presets = presetsIn("Checkout: stripe 2h", { maxTtlMinutes: 480 });
    const person = { team: slack.teamId, user: slack.user("alice").id };
    await atContext.context.settings.save(person, { presets, channel: ops }, "delivery");
    expect(await opened("dev")).toMatchObject({
      channel: dev,
      presets: { elements: [{ value: "Checkout" }] },
    });
    expect((await opened(undefined)).channel).toBe(ops);
  });
});

describe("a choice in the modal of credentials", () => {
  const GONE = "This run is gone.";

  async function chosen(run: Run | undefined, who = "alice", metadata?: string): Promise<string> {
    const channel = bench.slack.channel("dev").id;
    const place = metadata ?? JSON.stringify({ run: run?.id ?? "zzzzzz", channel });
    const view = { id: "V0", metadata: place, type: "modal", values: {} };
    const answer = await chooseCredentials(atContext.context, interactionOf(who, ""), view);
    await atContext.done();
    return answer?.text ?? "";
  }

  test("is taken of its requester, while the run is ready", async () => {
    expect(await chosen(await ready())).toBe("");
    expect(await chosen(await kept(runIn("ending")))).toContain("A run has them while it's ready.");
  });

  test("is refused to everybody else, and says of a run that they can't see no more than of none", async () => {
    expect(await chosen(await ready(), "bob")).toContain("can't see the credentials of");
    expect(await chosen(undefined)).toContain(GONE);
    expect(await chosen(await ready(), "alice", "{}")).toContain(GONE);
    const channel = bench.slack.channel("ops").id;
    const hidden = await ready({ hidden: true });
    expect(await chosen(hidden, "bob", JSON.stringify({ run: hidden.id, channel }))).toContain(GONE);
  });
});
