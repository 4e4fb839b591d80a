import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { validateMessage } from "../../../sim/slack/blocks/validate.ts";
import type { Delivery, View } from "../../../sim/slack/server.ts";
import { notifyActions } from "../../../src/handlers/actions/notify-actions.ts";
import { notify } from "../../../src/handlers/commands/notify.ts";
import { subscribe } from "../../../src/handlers/operations/subscriptions.ts";
import type { HandlerContext, Interaction } from "../../../src/handlers/shared/context.ts";
import type { Submission } from "../../../src/handlers/shared/handlers.ts";
import { submitNotify } from "../../../src/handlers/views/notify.ts";
import { readLine, UsageError, words } from "../../../src/kinds/grammar.ts";
import { nextBatch } from "../../../src/notices/batch.ts";
import { sampleNotice } from "../../../src/notices/notices.ts";
import { SubscriptionStore } from "../../../src/store/subscriptions.ts";
import type { Content } from "../../../src/views/card.ts";
import { noticeMessage } from "../../../src/views/notices.ts";
import {
  type Bench,
  type ContextBench,
  noticesIn,
  ownClock,
  settle,
  startBench,
  startContext,
} from "../support/notices.ts";
import { ADA, NOW } from "../support/runs.ts";
import { smuggled } from "../support/scan.ts";

let bench: Bench;
let atContext: ContextBench;
let context: HandlerContext;
let server: Server;
let deliveries = 0;

beforeEach(async () => {
  ownClock();
  bench = await startBench();
  atContext = await startContext(bench);
  context = atContext.context;
  server = await serveForm();
});

afterEach(async () => {
  server.close();
  await atContext.end();
  await bench.stop();
  vi.useRealTimers();
});

const requestOf = (more: Partial<Interaction> = {}): Interaction => ({
  team: bench.slack.teamId,
  actor: { ...ADA, channel: bench.slack.channel("dev").id },
  reply: { user: ADA.id, channel: bench.slack.channel("dev").id, at: NOW },
  key: `delivery${deliveries++}`,
  trigger: "",
  hidden: false,
  ...more,
});

/** What somebody who types this is shown, held to Slack's rules. */
async function type(text: string, interaction = requestOf()): Promise<string | undefined> {
  if (text === "") return void (await notify.open?.(context, interaction));
  const content = await notify.handle(context, interaction, readLine(words(text), notify.grammar));
  if (content) expectSound(content);
  return content && JSON.stringify(content);
}

function expectSound(content: Content): void {
  expect(validateMessage(content)).toEqual([]);
  expect(smuggled(content)).toEqual([]);
}

async function refused(text: string): Promise<UsageError> {
  const error = await type(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UsageError)) throw new Error(`${text} was not refused: ${String(error)}`);
  return error;
}

const here = () =>
  context.subscriptions.of({ team: bench.slack.teamId, channel: bench.slack.channel("dev").id });

describe("/arga notify on", () => {
  test("subscribes to completed and failed runs, unless told otherwise", async () => {
    expect(await type("on")).toContain("*completed, failed* · all kinds of run");
    expect(await here()).toMatchObject([{ id: 1, events: ["completed", "failed"], kinds: [], by: ADA }]);
  });

  test("takes events, kinds, a repository, one's own and runs of elsewhere, in any order", async () => {
    await type("on ready,expiring --kind twin,Sandbox");
    await type("--repo acme/shop on failed --mine");
    await type("on --all failed --kind=test");
    expect(
      (await here()).map(
        ({ id: _, team: __, channel: ___, by: ____, at: _____, isPublic: ______, ...rest }) => rest,
      ),
    ).toEqual([
      { events: ["ready", "expiring"], kinds: ["twin", "sandbox"] },
      { events: ["failed"], kinds: [], repo: "acme/shop", mine: ADA.id },
      { events: ["failed"], kinds: ["test"], all: true },
    ]);
  });

  test("the same again is the same subscription, and says so", async () => {
    await type("on failed");
    expect(await type("on failed failed")).toContain("Already subscribed");
    expect(await here()).toHaveLength(1);
  });

  test("has an effect once, however often it is delivered", async () => {
    const interaction = requestOf();
    await type("on failed", interaction);
    await type("off 1");
    expect(await type("on failed", interaction)).toBeUndefined();
    expect(await here()).toEqual([]);
  });

  test("has room for twenty in a channel", async () => {
    for (let n = 0; n < 20; n++) await type(`on failed --repo acme/repo${n}`);
    expect((await refused("on failed")).tryThis).toBe("/arga notify list");
    expect(await type("on failed --repo acme/repo7")).toContain("Already subscribed");
  });
});

test.each<[string, string, string]>([
  ["on faild", "Did you mean `failed`", "/arga notify on failed"],
  ["on completed wibble", "isn't an event", "/arga notify on failed"],
  ["on --kind twn", "Did you mean `twin`", "/arga notify on --kind twin"],
  ["on --repo shop", "isn't a repository", "/arga notify on --repo acme/shop"],
  ["on --kind twin --repo a/b", "have no repository", "/arga notify on failed"],
  ["on ready --kind test", "only complete or fail", "/arga notify on failed"],
  ["on --all --mine", "can't tell who started", "/arga notify on failed"],
  ["failed", "on failed", "/arga notify on failed"],
  ["lst", "Did you mean `list`", "/arga notify list"],
  ["wibblewobble", "Use `on`, `off`, `list`, `digest` or `test`.", "/arga notify on failed"],
  ["list --mine", "--mine goes with", "/arga notify on failed"],
  ["--repo a/b", "--repo goes with", "/arga notify on failed"],
  ["list all", "Unexpected argument `all`.", "/arga notify list"],
  ["digest", "`weekly` or `off`", "/arga notify digest weekly"],
  ["digest monthly", "`weekly` or `off`", "/arga notify digest weekly"],
  ["digest off", "gets no weekly digest", "/arga notify digest weekly"],
  ["off", "This channel gets no run notifications yet.", "/arga notify on failed"],
])("/arga notify %s is refused with a command that works", async (text, why, tryThis) => {
  const error = await refused(text);
  expect(error.message).toContain(why);
  expect(error.tryThis).toBe(tryThis);
  await type((error.tryThis ?? "").replace("/arga notify ", ""));
});

describe("/arga notify off", () => {
  test("removes the only one, one by its number, or all", async () => {
    await type("on failed");
    expect(await type("off")).toContain("Removed");
    for (const event of ["failed", "ready", "expiring"]) await type(`on ${event}`);
    await type("off 2");
    expect((await here()).map(({ id }) => id)).toEqual([1, 3]);
    expect(await type("off all")).toContain("Removed all 2");
    expect(await here()).toEqual([]);
  });

  test("asks which one if there are several", async () => {
    await type("on failed");
    await type("on ready");
    expect((await refused("off")).message).toContain("1, 2");
    expect((await refused("off 7")).tryThis).toBe("/arga notify off 1");
    expect(await here()).toHaveLength(2);
  });
});

describe("/arga notify list", () => {
  test("shows what there is, for anyone in the channel", async () => {
    expect(await type("list")).toContain("gets no run notifications");
    await type("on failed --mine");
    const bob = requestOf({ actor: { id: "U0BOB", name: "bob", channel: "" } });
    expect(await type("list", bob)).toContain("only runs by ada");
  });
});

describe("/arga notify digest", () => {
  test("is listed until it's ended, and asked for twice it's one", async () => {
    expect(await type("digest weekly")).toContain("This channel gets a weekly digest.");
    expect(await type("digest weekly")).toContain("gets a weekly digest already");
    const listed = await type("list");
    expect(listed).toContain("Weekly digest");
    expect(listed).toContain("by ada");
    expect(await type("digest off")).toContain("no weekly digest any more");
    expect(await type("list")).not.toContain("Weekly digest");
  });

  test("that was delivered again after its end doesn't start anew", async () => {
    const interaction = requestOf();
    await type("digest weekly", interaction);
    await type("digest off");
    await type("digest weekly", interaction);
    expect(await type("list")).not.toContain("Weekly digest");
  });
});

describe("a new subscription", () => {
  test("is told in its channel, once, however often it's asked for", async () => {
    const interaction = requestOf();
    await type("on failed --kind url", interaction);
    await type("on failed --kind url", interaction);
    await type("on failed --kind url");
    await settle(bench);
    expect(noticesIn(bench.slack).map(({ text }) => text)).toEqual([
      ":bell: *ada* subscribed this channel to runs that are *failed* · only page validations. `/arga notify list` shows all.",
    ]);
  });

  test("comes before what it lets through, and isn't counted with that", async () => {
    await type("on failed");
    const there = { team: bench.slack.teamId, channel: bench.slack.channel("dev").id };
    const { pending } = await context.boards.get(there);
    const [announced] = pending;
    const failed = Array.from({ length: 4 }, () => ({ notice: sampleNotice(ADA, "s", NOW), since: NOW }));
    expect(nextBatch("C", [...pending, ...failed])).toMatchObject({
      taken: 1,
      batch: { notices: [announced?.notice] },
    });
    expect(nextBatch("C", [...failed, ...pending])).toMatchObject({
      taken: 5,
      batch: { counts: { failed: 4 } },
    });
    expectSound(noticeMessage(nextBatch("C", [...failed, ...pending]).batch, NOW));
  });

  test("of a person's own direct message is told nobody", async () => {
    const reply = { user: ADA.id, channel: "D0ADA", at: NOW };
    await type("on failed", requestOf({ reply }));
    expect((await context.boards.get({ team: bench.slack.teamId, channel: "D0ADA" })).pending).toEqual([]);
  });
});

describe("/arga notify test", () => {
  test("posts a sample, marked as one, once for one delivery", async () => {
    const interaction = requestOf();
    await type("test", interaction);
    await type("test", interaction);
    await settle(bench);
    const [sample, ...others] = noticesIn(bench.slack);
    expect(others).toEqual([]);
    expect(JSON.stringify(sample)).toContain("This is a sample");
    expect(JSON.stringify(sample)).not.toContain("action_id");
  });

  test("says what would stop real ones", async () => {
    expect(await type("test")).toContain("These are sample values.");
    await type("on failed --kind twin --mine");
    const said = await type("test");
    for (const gap of [
      "completed, ready, about to expire",
      "test runs, sandboxes, page validations",
      "anyone but ada",
      "--all",
    ])
      expect(said).toContain(gap);
  });

  test("says why the last notice could not be posted, as the list does", async () => {
    const there = bench.slack.channel("lonely").id;
    const interaction = () => requestOf({ reply: { user: ADA.id, channel: there, at: NOW } });
    await type("test", interaction());
    await settle(bench, "lonely");
    for (const text of ["test", "list", "on failed"])
      expect(await type(text, interaction())).toContain("/invite");
  });
});

describe("the form", () => {
  const open = async (): Promise<View> => {
    const typed = await bench.slack.command("alice", "dev", "/arga", "notify");
    await type("", requestOf({ trigger: typed.triggerId ?? "" }));
    await atContext.done();
    const view = bench.slack.views("alice").at(-1);
    if (!view) throw new Error("no form opened");
    return view;
  };
  const submit = async (values: Record<string, unknown>): Promise<Delivery> => {
    const view = await open();
    return await bench.slack.submit("alice", view.id, values);
  };

  test("lists what there is, as much as fits into a channel", async () => {
    for (let n = 0; n < 20; n++) await type(`on failed --repo acme/repo${n}`);
    const view = await open();
    expect(JSON.stringify(view.blocks).match(/notify\.remove/g)).toHaveLength(20);
  });

  test("adds what it says, and shows it", async () => {
    const { shown } = await submit({
      events: ["failed", "ready"],
      kinds: ["twin", "sandbox"],
      only: ["mine"],
    });
    const { id } = bench.slack.user("alice");
    expect(await here()).toMatchObject([
      { events: ["failed", "ready"], kinds: ["twin", "sandbox"], mine: id, by: { id } },
    ]);
    expect(JSON.stringify(shown?.view)).toContain("Added: `1` *failed, ready*");
    expect((await submit({ repo: "acme/shop" })).shown?.view).toBeDefined();
    expect(await here()).toMatchObject([{ id: 1 }, { id: 2, repo: "acme/shop" }]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["repo", { repo: "not a repository" }],
    ["repo", { repo: "acme/shop", kinds: ["twin"] }],
    ["events", { events: ["ready"], kinds: ["test"] }],
    ["only", { only: ["mine", "all"] }],
    ["kinds", { only: ["all"], kinds: ["twin"] }],
  ])("says under %s what is wrong with %j", async (field, values) => {
    const { shown } = await submit(values);
    expect(Object.keys(shown?.errors ?? {})).toEqual([field]);
    expect(await here()).toEqual([]);
  });

  /** As Slack sends it. */
  const filledIn = (more: Submission["values"] = {}): Submission => ({
    id: "V1",
    metadata: bench.slack.channel("dev").id,
    values: { events: { events: { selected_options: [{ value: "failed" }] } }, ...more },
  });

  test("says in words what is wrong, and what is there already", async () => {
    const none = filledIn({ events: { events: { selected_options: [] } } });
    expect(await submitNotify(context, requestOf(), none)).toEqual({
      response_action: "errors",
      errors: { events: "Choose at least one." },
    });
    const elsewhere = filledIn({ repo: { repo: { value: " shop " } } });
    expect(await submitNotify(context, requestOf(), elsewhere)).toEqual({
      response_action: "errors",
      errors: { repo: "Write it as owner/name." },
    });
    for (const said of ["Added: `1` *failed*", "Already there: `1` *failed*"])
      expect(JSON.stringify(await submitNotify(context, requestOf(), filledIn()))).toContain(said);
  });

  test("says that there is no more room", async () => {
    for (let n = 0; n < 20; n++) await type(`on failed --repo acme/repo${n}`);
    expect(await submitNotify(context, requestOf(), filledIn())).toEqual({
      response_action: "errors",
      errors: { events: expect.stringContaining("20") },
    });
  });

  test("says when it couldn't be kept, and the log says why", async () => {
    const said: { msg: string; err?: object }[] = [];
    const logger = pino({}, { write: (line: string) => void said.push(JSON.parse(line)) });
    const gone = new Redis({ port: 1, lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
    gone.on("error", () => {});
    const subscriptions = new SubscriptionStore(gone, "test");
    expect(await submitNotify({ ...context, subscriptions, logger }, requestOf(), filledIn())).toEqual({
      response_action: "errors",
      errors: {
        events: "I couldn't save that: Redis isn't answering. Check `/arga list` before you try again.",
      },
    });
    expect(said).toMatchObject([{ msg: "Couldn't save a form", err: expect.anything() }]);
    const broken = { ...context, logger, subscriptions: undefined as never };
    expect(await submitNotify(broken, requestOf(), filledIn())).toMatchObject({
      errors: { events: "That didn't work. Try again." },
    });
  });

  test("removes the one whose button was pressed, and not another that has its number by now", async () => {
    await type("on failed");
    await type("on ready");
    const view = await open();
    const [first] = await here();
    await type("off 1");
    vi.setSystemTime(Date.now() + 1);
    await type("on expiring");
    await press(view, `1@${first?.at}`);
    expect((await here()).map(({ id }) => id)).toEqual([1, 2]);

    const [, second] = await here();
    await press(view, `2@${second?.at}`);
    expect((await here()).map(({ events }) => events)).toEqual([["expiring"]]);
    await atContext.done();
    const [shown] = bench.slack.views("alice");
    expect(JSON.stringify(shown?.blocks).match(/notify\.remove/g)).toHaveLength(1);
  });

  const press = (view: View, choice: string) =>
    notifyActions["notify.remove"](context, requestOf(), {
      blockId: "",
      value: choice,
      view: { id: view.id, metadata: view.private_metadata },
    });
});

/** Takes what Slack delivers, as Bolt would, and answers forms that are submitted. */
async function serveForm(): Promise<Server> {
  const made = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const payload = new URLSearchParams(body).get("payload");
    const answer = payload ? await answerOf(JSON.parse(payload)) : undefined;
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(answer ? JSON.stringify(answer) : undefined);
  });
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  bench.slack.requestUrl(`http://127.0.0.1:${(made.address() as AddressInfo).port}/`);
  return made;
}

interface Submitted {
  type: string;
  user: { id: string; username: string };
  view: { id: string; private_metadata: string; state: { values: Submission["values"] } };
}

async function answerOf({ type: what, user, view }: Submitted): Promise<unknown> {
  if (what !== "view_submission") return undefined;
  const interaction = requestOf({ actor: { id: user.id, name: user.username, channel: "" } });
  const form = { id: view.id, metadata: view.private_metadata, values: view.state.values };
  return await submitNotify(context, interaction, form);
}

test("a workspace has 2,000 subscriptions at most, and is told what makes room", async () => {
  const team = bench.slack.teamId;
  const filters = { events: ["failed" as const], kinds: [] };
  for (let n = 0; n < 100; n++) {
    const address = { team, channel: `C${n}` };
    const full = Array.from({ length: 20 }, (_, i) => ({
      ...filters,
      ...address,
      id: i + 1,
      by: ADA,
      at: NOW,
    }));
    await context.subscriptions.change(address, `fill${n}`, () => (n < 99 ? full : full.slice(0, 19)));
  }
  const on = (channel: string) => subscribe(context, requestOf(), { team, channel }, filters);
  expect((await on("CLAST"))?.isNew).toBe(true);
  await expect(on("CMORE")).rejects.toMatchObject({
    code: "TOO_MANY_SUBSCRIPTIONS",
    message: expect.stringContaining("/arga notify off"),
  });
});
