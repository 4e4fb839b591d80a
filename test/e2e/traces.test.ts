import { createServer } from "node:http";
import { expect, type TestContext, test } from "vitest";
import { type CollectedSpan, type Collector, startCollector } from "../support/collector.ts";
import { cardShows, cardsOf, textOf, threadSays } from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

const SEED = "seed text of one shop named Bluebird";

async function collector({ onTestFinished }: Pick<TestContext, "onTestFinished">): Promise<Collector> {
  const made = await startCollector();
  onTestFinished(() => made.close());
  return made;
}

const asJson = (url: string): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  OTEL_BSP_SCHEDULE_DELAY: "100",
});

/** A twin that was asked for, with its credentials at hand, and torn down again. */
async function oneTwin(world: World): Promise<void> {
  await world.slack.command("alice", "dev", "/arga", `twins stripe 60 --prompt "${SEED}"`);
  const card = await cardShows(world, "run.credentials");
  await world.slack.press("alice", card, "run.teardown");
  await threadSays(world, "torn down");
}

/** One that was sent by now. */
function spanNamed(
  { spans }: Pick<Collector, "spans">,
  name: RegExp,
  fits: (span: CollectedSpan) => boolean = () => true,
): CollectedSpan {
  const found = spans.find((span) => name.test(span.name) && fits(span));
  if (!found) throw new Error(`no such span ${name}; there are ${spans.map((span) => span.name).join(", ")}`);
  return found;
}

const linkTo = (span: CollectedSpan): unknown =>
  expect.objectContaining({ traceId: span.traceId, spanId: span.spanId });

concurrent.for(["http", "socket"] as const)(
  "over %s, a command can be followed to what was created at Arga, each step as a trace of its own",
  async (mode, { onTestFinished }) => {
    const otel = await collector({ onTestFinished });
    const world = await freshWorld(onTestFinished, { mode, env: asJson(otel.url) });
    await oneTwin(world);
    // Not the first one: what a process finds when it begins, it may enqueue itself, and goes back to no command.
    const before = otel.spans.length;
    await world.slack.command("bob", "dev", "/arga", "twins stripe 60");
    await world.slack.until(() =>
      cardsOf(world)
        .slice(1)
        .find((card) => textOf(card).includes("run.credentials")),
    );
    await world.bot.stop();
    const spans = otel.spans.slice(before);

    const delivery = spanNamed({ spans }, /^slack command$/);
    expect(delivery).toMatchObject({ kind: 2, parentSpanId: undefined, events: ["acknowledged"] });
    const enqueued = spanNamed({ spans }, /^add slack\.reconcile$/, (s) => s.traceId === delivery.traceId);
    expect(enqueued).toMatchObject({ kind: 4, parentSpanId: delivery.spanId });

    const job = spanNamed({ spans }, /^process slack$/, ({ links }) =>
      links.some(({ spanId }) => spanId === enqueued.spanId),
    );
    expect(job).toMatchObject({ kind: 5, parentSpanId: undefined });
    expect(job.links).toEqual([linkTo(enqueued), linkTo(delivery)]);

    // By that job, or by a later one if the channel had to wait.
    const posting = spanNamed(
      { spans },
      /^process slack$/,
      ({ links, spanId }) =>
        links.some((link) => link.spanId === delivery.spanId) &&
        spans.some(({ name, parentSpanId }) => name === "chat.postMessage" && parentSpanId === spanId),
    );
    const card = spanNamed({ spans }, /^chat\.postMessage$/, (s) => s.parentSpanId === posting.spanId);
    expect(card).toMatchObject({ kind: 3, attributes: { "arga_slack.outcome": "ok" } });

    // The card stands, so Arga is asked: by another job, which leads back to the same command.
    const create = spanNamed({ spans }, /^POST \/twin-runs$/);
    const argaJob = spanNamed({ spans }, /^process arga$/, (s) => s.spanId === create.parentSpanId);
    expect(create.attributes).toMatchObject({
      "http.request.method": "POST",
      "http.response.status_code": 200,
    });
    expect(argaJob).toMatchObject({ traceId: create.traceId, parentSpanId: undefined });
    expect(argaJob.links).toContainEqual(linkTo(delivery));

    // No trace goes on and on: it is one delivery or one job, with the calls that it made.
    for (const root of otel.spans.filter(({ parentSpanId }) => !parentSpanId))
      expect(root.name).toMatch(/^(slack |process |add |addBulk |(GET|POST|DELETE) \/|[a-z]+\.[a-z.]+)/i);
    const jobs = otel.spans.filter(({ name }) => name.startsWith("process "));
    expect(new Set(jobs.map(({ traceId }) => traceId)).size).toBe(jobs.length);
    expect(otel.spans.map(({ name }) => name).filter((name) => /getNextJob|extendLocks/.test(name))).toEqual(
      [],
    );

    expect(otel.resources[0]).toMatchObject({ "service.name": "arga-slack", "service.version": "0.1.0" });
  },
);

concurrent("neither a secret nor what people wrote is in a trace", async (tests) => {
  const otel = await collector(tests);
  const world = await freshWorld(tests.onTestFinished, {
    env: { ...asJson(otel.url), OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20b3RlbDpwYXNz" },
  });
  await oneTwin(world);
  const { code } = await world.bot.stop();
  expect(code).toBe(0);
  spanNamed(otel, /^process slack$/);
  const { SLACK_BOT_TOKEN = "", SLACK_SIGNING_SECRET = "", ARGA_API_KEY = "" } = world.env;
  const sent = otel.bodies.map(({ text }) => text).join("\n");
  for (const secret of [SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, ARGA_API_KEY, SEED, "Bluebird", "hooks/"])
    expect(sent).not.toContain(secret);
  expect(otel.bodies[0]?.headers).toMatchObject({ authorization: "Basic b3RlbDpwYXNz" });
  expect(world.bot.output()).not.toContain("b3RlbDpwYXNz");
});

concurrent(
  "Arga is told which span its request belongs to, only while traces are recorded",
  async (tests) => {
    const otel = await collector(tests);
    const seen: { path: string; traceparent: string | undefined }[] = [];
    const arga = createServer((request, response) => {
      const { traceparent } = request.headers;
      seen.push({ path: request.url ?? "", traceparent: [traceparent].flat()[0] });
      response.writeHead(503).end();
    });
    await new Promise<void>((resolve) => arga.listen(0, "127.0.0.1", () => resolve()));
    tests.onTestFinished(async () => void arga.close());
    const { port } = arga.address() as { port: number };
    const world = await freshWorld(tests.onTestFinished, {
      env: { ARGA_API_URL: `http://127.0.0.1:${port}` },
    });
    await tests.expect.poll(() => seen.length).toBeGreaterThan(0);
    expect(seen.map(({ traceparent }) => traceparent).filter(Boolean)).toEqual([]);
    const before = seen.length;
    await world.restart(asJson(otel.url));
    await tests.expect.poll(() => seen.slice(before).find(({ traceparent }) => traceparent)).toBeTruthy();
    const { traceparent = "" } = seen.slice(before).find((each) => each.traceparent) ?? {};
    const [, traceId, spanId] = traceparent.split("-");
    await world.bot.stop();
    const span = spanNamed(otel, /^GET \//, (each) => each.spanId === spanId);
    expect(span).toMatchObject({ traceId, kind: 3, status: 2 });
  },
);

concurrent("by default, protobuf is what is sent, and nothing at all without being asked", async (tests) => {
  const otel = await collector(tests);
  const world = await freshWorld(tests.onTestFinished, {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: otel.url, OTEL_SDK_DISABLED: "true" },
  });
  await world.slack.command("alice", "dev", "/arga", "twins stripe 60");
  await cardShows(world, "run.credentials");
  await world.bot.stop();
  expect(otel.bodies).toEqual([]);
  expect(world.bot.output()).not.toContain("Recording traces");
  const traced = await world.restart({ OTEL_SDK_DISABLED: "" });
  await world.slack.command("alice", "dev", "/arga", "list");
  await traced.stop();
  expect(otel.bodies[0]).toMatchObject({ path: "/v1/traces", type: "application/x-protobuf" });
  expect(otel.bodies.map(({ text }) => text).join()).toContain("slack command");
});

concurrent("a collector that is away or refuses costs a line in the log and nothing else", async (tests) => {
  const otel = await collector(tests);
  otel.answerWith(400);
  const world = await freshWorld(tests.onTestFinished, { env: asJson(otel.url) });
  await oneTwin(world);
  await tests.expect.poll(() => world.bot.output()).toContain("Couldn't send traces");
  otel.answerWith(200);
  await world.slack.command("alice", "dev", "/arga", "list");
  await tests.expect.poll(() => world.bot.output()).toContain("Traces are sent again");
  expect(world.bot.output().split("Couldn't send traces")).toHaveLength(2);
  const { code, ms } = await world.bot.stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
});
