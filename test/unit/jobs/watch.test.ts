import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type ListWatchDeps, reconcileWatch } from "../../../src/jobs/arga/watch.ts";
import { externalRunsJob } from "../../../src/jobs/queues.ts";
import type { RunList } from "../../../src/kinds/kind.ts";
import type { Run } from "../../../src/runs/run.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";
import { runIn } from "../support/runs.ts";

/** One list for all runs of a kind: how often it's read, what is done with it, and what when it can't be read. */

const SECOND = 1_000;
const LIST = "GET /test-runs";
const LOOK = "GET /test-runs/{run_id}";

let bench: ArgaBench;
let watch: ReturnType<typeof reconcileWatch>;
let wanted: boolean;
let announced: RunList[];
beforeAll(async () => {
  bench = await startArgaBench();
});
afterAll(() => bench.stop());

/** Each test has a workspace of its own. */
let team: string;
let teams = 0;
beforeEach(() => {
  team = `T${teams++}`;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  [wanted, announced] = [false, []];
  const deps: ListWatchDeps = {
    ...bench.deps,
    wantsExternalRuns: async () => wanted,
    announceExternalRuns: async (list) => void announced.push(list),
  };
  watch = reconcileWatch(deps);
});
afterEach(() => {
  bench.arga.clearFaults();
  vi.useRealTimers();
});

const own = "test";
const external = externalRunsJob("test");

/** A test that goes on at Arga, and its record; Arga took it so long ago. */
async function running(ageMs = 60 * SECOND, isListed = true): Promise<Run> {
  const { control } = bench.arga;
  const id = isListed
    ? control.tests.start({ prompt: "pay", startUrl: "https://shop.example.com" }).id
    : "00000000-0000-4000-8000-000000000000";
  const run = runIn("running", {
    team,
    id: RunStore.newId(),
    kind: "test",
    spec: { url: "https://shop.example.com", prompt: "pay" },
    startedAt: Date.now() - ageMs,
    requestedAt: Date.now() - ageMs,
    arga: { id, status: "running", links: [] },
  });
  await bench.deps.store.create(run, { name: run.id });
  return run;
}

const read = async (run: Run): Promise<Run> => (await bench.deps.store.get(run)) ?? run;

async function watched(id = own): Promise<{ asked: string[]; wait: number | undefined }> {
  const before = bench.arga.requests.length;
  const { requeueAt } = (await watch({ team, id })) ?? {};
  const wait = requeueAt === undefined ? undefined : requeueAt - Date.now();
  return { asked: bench.requestsSince(before), wait };
}

const count = (routes: string[], route: string): number => routes.filter((each) => each === route).length;

/** What's meant is spread by a tenth to both sides. */
function expectAbout(wait: number | undefined, ms: number): void {
  expect(wait).toBeGreaterThanOrEqual(ms * 0.9 - 1);
  expect(wait).toBeLessThanOrEqual(ms * 1.1 + 1);
}

describe("the list of a kind's runs", () => {
  test("isn't read where there are none, and not looked at again", async () => {
    await bench.deps.store.create(runIn("ready", { team, id: RunStore.newId() }), { name: "x" });
    expect(await watched()).toEqual({ asked: [], wait: undefined });
  });

  test.each([
    [0, 1_500],
    [75 * SECOND, 1_500],
    [100 * SECOND, 2_000],
    [200 * SECOND, 4_000],
    [3_600 * SECOND, 4_000],
  ])("is read again sooner the younger the youngest is: after %i ms, in %i ms", async (age, pace) => {
    await running(age);
    await running(9_999 * SECOND);
    const { asked, wait } = await watched();
    expect(count(asked, LIST)).toBe(1);
    expectAbout(wait, pace);
  });

  test("is read once for all who come within half a second", async () => {
    await running();
    await watched();
    vi.setSystemTime(Date.now() + 499);
    expect(await watched()).toEqual({ asked: [], wait: 1 });
    vi.setSystemTime(Date.now() + 1);
    expect(count((await watched()).asked, LIST)).toBe(1);
  });

  test("ends the runs that are over at Arga, whatever else is in it", async () => {
    const [run, still] = [await running(), await running()];
    bench.arga.control.tests.start({ prompt: "another's", startUrl: "https://shop.example.com" });
    bench.arga.control.tests.finish(run.arga?.id ?? "");
    await watched();
    expect((await read(run)).phase).toMatchObject({ name: "ended", outcome: "passed" });
    expect((await read(still)).phase.name).not.toBe("ended");
  });

  test("asks Arga for nothing else while it says nothing new", async () => {
    const runs = [await running(), await running(), await running()];
    await watched();
    vi.setSystemTime(Date.now() + 10 * SECOND);
    const { asked } = await watched();
    expect(count(asked, LIST)).toBe(1);
    // At most two, for no better reason than their turn.
    expect(count(asked, LOOK)).toBeLessThanOrEqual(2);
    for (const run of runs) expect((await read(run)).phase.name).not.toBe("ended");
  });

  test("may lack a run for ten seconds; then the run is asked for by itself", async () => {
    const young = await running(9.9 * SECOND, false);
    expect(count((await watched()).asked, LOOK)).toBe(0);
    expect((await read(young)).phase.name).toBe("running");
    vi.setSystemTime(Date.now() + SECOND);
    expect(count((await watched()).asked, LOOK)).toBe(1);
  });

  test("that lacks many has two of them asked for at a time", async () => {
    for (let n = 0; n < 5; n++) await running(60 * SECOND, false);
    expect(count((await watched()).asked, LOOK)).toBe(2);
  });
});

describe("a list that can't be read", () => {
  test("has every card say so, and is tried again in five seconds", async () => {
    const runs = [await running(), await running()];
    bench.arga.fault({ route: LIST, status: 503 });
    const { asked, wait } = await watched();
    expect(count(asked, LOOK)).toBe(0);
    expectAbout(wait, 5_000);
    for (const run of runs) expect((await read(run)).trouble?.with).toBe("arga");
  });

  test("is left alone for as long as Arga asks for it", async () => {
    await running();
    bench.arga.fault({ route: LIST, status: 429, retryAfter: 30 });
    const { asked, wait } = await watched();
    expect(count(asked, LOOK)).toBe(0);
    expectAbout(wait, 30_000);
  });

  test("that is refused has runs asked for by themselves, eight at a time", async () => {
    for (let n = 0; n < 10; n++) await running();
    bench.arga.fault({ route: LIST, status: 403 });
    const { asked, wait } = await watched();
    expect(count(asked, LOOK)).toBe(8);
    expectAbout(wait, 5_000);
  });
});

describe("runs that were started elsewhere", () => {
  test("aren't looked for where nobody wants to hear of them", async () => {
    expect(await watched(external)).toEqual({ asked: [], wait: undefined });
    expect(announced).toEqual([]);
  });

  test("are announced from the list, every fifteen seconds", async () => {
    wanted = true;
    const { id } = bench.arga.control.tests.start({ prompt: "pay", startUrl: "https://shop.example.com" });
    const { asked, wait } = await watched(external);
    expect(asked).toEqual([LIST]);
    expect(announced).toMatchObject([{ team, kind: "test" }]);
    expect(announced[0]?.runs.map((run) => run.id)).toContain(id);
    expectAbout(wait, 15_000);
  });

  test.each([
    [{ status: 503 }, 15_000],
    [{ status: 429, retryAfter: 5 }, 15_000],
    [{ status: 429, retryAfter: 60 }, 60_000],
  ])("are looked for later where Arga doesn't answer: %j", async (fault, pace) => {
    wanted = true;
    bench.arga.fault({ route: LIST, ...fault });
    expectAbout((await watched(external)).wait, pace);
    expect(announced).toEqual([]);
  });
});

test.each(["twin", "pigeon", externalRunsJob("twin")])("%s has no list to watch", async (id) => {
  expect(await watch({ team, id })).toBeUndefined();
});
