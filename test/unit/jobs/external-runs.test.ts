import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Arga, startArga } from "../../../sim/arga/server.ts";
import { ArgaClient } from "../../../src/api/client.ts";
import { announceExternalRuns, type ExternalRunsDeps } from "../../../src/jobs/notices/external-runs.ts";
import { kindOf } from "../../../src/kinds/index.ts";
import type { ListedRun } from "../../../src/kinds/kind.ts";
import { textOf } from "../../support/life.ts";
import { type Bench, noticesIn, ownClock, settle, startBench, subscribeIn } from "../support/notices.ts";
import { MINUTE, newRun, runIn } from "../support/runs.ts";

let bench: Bench;
let arga: Arga;
let client: ArgaClient;
let deps: ExternalRunsDeps;

beforeEach(async () => {
  ownClock();
  [bench, arga] = await Promise.all([startBench(), startArga()]);
  client = new ArgaClient({ url: arga.url, key: arga.key });
  deps = { ...bench.side, arga: client, signal: new AbortController().signal, seen: new Set() };
});

afterEach(async () => {
  await client.destroy();
  await Promise.all([bench.stop(), arga.close()]);
  vi.useRealTimers();
});

const listed = (id: string, more: Partial<ListedRun> = {}): ListedRun => ({
  id,
  title: "Login works",
  changedAt: Date.now(),
  isBrief: false,
  seen: { state: "ended", outcome: "failed", why: "no button", arga: { status: "failed", links: [] } },
  ...more,
});

const look = (...runs: ListedRun[]) =>
  announceExternalRuns(deps, { team: bench.slack.teamId, kind: "test", runs });

const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

describe("a run that was started elsewhere", () => {
  test("is of interest to nobody without --all", async () => {
    await subscribeIn(bench, "dev");
    pass(MINUTE);
    await look(listed("t1"));
    await settle(bench);
    expect(noticesIn(bench.slack)).toEqual([]);
  });

  test("is told once when it ended, says so, and has no button that could not work", async () => {
    await subscribeIn(bench, "dev", { all: true });
    pass(MINUTE);
    for (let times = 0; times < 3; times++) {
      await look(listed("t1"));
      await settle(bench);
      // As after a restart.
      deps.seen.clear();
    }
    const [notice, ...others] = noticesIn(bench.slack);
    expect(others).toEqual([]);
    expect(notice && textOf(notice)).toContain("*Login works* — failed");
    expect(notice && textOf(notice)).toContain("started elsewhere");
    expect(notice && textOf(notice)).not.toContain("action_id");
  });

  test("is not told while it goes on", async () => {
    await subscribeIn(bench, "dev", { all: true });
    pass(MINUTE);
    await look(listed("t1", { seen: { state: "running", arga: { status: "running", links: [] } } }));
    await settle(bench);
    expect(noticesIn(bench.slack)).toEqual([]);
    await look(listed("t1"));
    await settle(bench);
    expect(noticesIn(bench.slack)).toHaveLength(1);
  });

  test("is no news if it ended before anyone asked, or days ago", async () => {
    const old = listed("t1");
    pass(MINUTE);
    await subscribeIn(bench, "dev", { all: true });
    await look(old);
    pass(10 * 24 * 60 * MINUTE);
    await look(listed("t2", { changedAt: Date.now() - 4 * 24 * 60 * MINUTE }));
    await settle(bench);
    expect(noticesIn(bench.slack)).toEqual([]);
  });

  test("costs nothing when it is seen again", async () => {
    await subscribeIn(bench, "dev", { all: true });
    const many = Array.from({ length: 200 }, (_, n) => listed(`t${n}`));
    await look(...many);
    const before = await commandsProcessed();
    await look(...many);
    expect((await commandsProcessed()) - before).toBeLessThan(10);
  });

  test("is looked at more closely where the list does not say enough", async () => {
    await subscribeIn(bench, "dev", { all: true });
    pass(MINUTE);
    const { id } = arga.control.tests.start({ prompt: "Login works", startUrl: "https://shop.example" });
    arga.control.tests.fail(id, "the login page is empty");
    const seen = { state: "ended", outcome: "passed", arga: { status: "complete", links: [] } } as const;
    await look(listed(id, { isBrief: true, seen: { ...seen, arga: { status: "complete", links: [] } } }));
    await settle(bench);
    const [notice] = noticesIn(bench.slack);
    expect(notice && textOf(notice)).toContain("— failed");
  });

  test("that cannot be looked at now is told later", async () => {
    await subscribeIn(bench, "dev", { all: true });
    pass(MINUTE);
    const { id } = arga.control.tests.start({ prompt: "Login works", startUrl: "https://shop.example" });
    arga.control.tests.fail(id, "the login page is empty");
    arga.fault({ route: "GET /test-runs/{run_id}", status: 503 });
    await look(listed(id, { isBrief: true }));
    await settle(bench);
    expect(noticesIn(bench.slack)).toEqual([]);
    arga.clearFaults();
    await look(listed(id, { isBrief: true }));
    await settle(bench);
    expect(noticesIn(bench.slack)).toHaveLength(1);
  });

  test("that is gone meanwhile is told by what the list said", async () => {
    await subscribeIn(bench, "dev", { all: true });
    pass(MINUTE);
    await look(listed("00000000-0000-4000-8000-000000000000", { isBrief: true }));
    await settle(bench);
    expect(noticesIn(bench.slack)).toHaveLength(1);
  });
});

test("a run of this bot is not told a second time as one that was started elsewhere", async () => {
  await subscribeIn(bench, "dev", { all: true });
  pass(MINUTE);
  const own = runIn("ended", { team: bench.slack.teamId });
  await bench.side.store.create(own, { name: "own" });
  await bench.side.store.update(own, (run) => ({ ...run, tookMs: 1 }));
  await look(listed(own.arga?.id ?? ""));
  await settle(bench);
  expect(noticesIn(bench.slack)).toEqual([]);
});

test("a private run whose create is still unanswered is not announced as one that was started elsewhere", async () => {
  await subscribeIn(bench, "dev", { all: true });
  pass(MINUTE);
  const own = runIn("creating", { team: bench.slack.teamId, kind: "test", hidden: true });
  await bench.side.store.create(own, { name: "own" });
  await look(listed("t1"));
  await settle(bench);
  expect(noticesIn(bench.slack)).toEqual([]);
  await bench.side.store.update(own, (run) => ({
    ...run,
    phase: { name: "running", since: Date.now() },
    arga: { id: "t1", status: "running", links: [] },
  }));
  await look(listed("t1"), listed("t2"));
  await settle(bench);
  expect(noticesIn(bench.slack).map(textOf).join()).not.toContain("`t1`");
  expect(noticesIn(bench.slack)).toHaveLength(1);
});

test("neither the address nor the reason of a run that was started elsewhere is repeated", async () => {
  await subscribeIn(bench, "dev", { all: true });
  pass(MINUTE);
  const { id } = arga.control.tests.start({ prompt: "Log in", startUrl: "https://secret.example" });
  arga.control.tests.fail(id, "no button at secret.example");
  const list = await kindOf({ kind: "test" }).listRuns?.(client, deps.signal);
  await look(...(list ?? []));
  await settle(bench);
  const [notice] = noticesIn(bench.slack);
  expect(notice && textOf(notice)).toContain("started elsewhere");
  expect(JSON.stringify(notice)).not.toContain("secret.example");
});

async function commandsProcessed(): Promise<number> {
  const stats = await bench.redis.info("stats");
  return Number(/total_commands_processed:(\d+)/.exec(stats)?.[1]);
}

test("two look-alikes after which a create ended as unknown are announced as nobody else's", async () => {
  await subscribeIn(bench, "dev", { all: true });
  const since = Date.now();
  const spec = { url: "https://shop.example", prompt: "Log in" };
  const phase = { name: "ended" as const, at: since, outcome: "unknown" as const };
  const own = newRun({ team: bench.slack.teamId, kind: "test", spec, phase, hidden: true });
  await bench.side.store.create(own, { name: "own" });
  await bench.side.store.noteUnclear(own, since);
  pass(MINUTE);
  const start = (prompt: string) => arga.control.tests.start({ prompt, startUrl: spec.url }).id;
  const ids = [start("Log in"), start("Log in"), start("Something else")];
  for (const id of ids) arga.control.tests.fail(id, "no button");
  await look(...ids.map((id) => listed(id)));
  await settle(bench);
  expect(noticesIn(bench.slack).map(textOf).join()).not.toMatch(new RegExp(`${ids[0]}|${ids[1]}`));
  expect(noticesIn(bench.slack).map(textOf).join()).toContain("started elsewhere");
  expect(noticesIn(bench.slack)).toHaveLength(1);
});
