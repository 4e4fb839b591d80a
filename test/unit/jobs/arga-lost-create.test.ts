import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { reconcileArga } from "../../../src/jobs/arga/reconcile.ts";
import type { ReconcileResult } from "../../../src/jobs/reconciler.ts";
import { kindOf } from "../../../src/kinds/index.ts";
import type { Run } from "../../../src/runs/run.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";
import { newRun } from "../support/runs.ts";

/** A create whose answer was lost, or whose process died: what Arga made of it is found, or nothing is guessed. */

let bench: ArgaBench;
beforeAll(async () => {
  bench = await startArgaBench();
});
afterAll(() => bench.stop());
afterEach(() => bench.arga.clearFaults());

const SECOND = 1_000;
const CREATE = "POST /test-runs";
const LIST = "GET /test-runs";

/** Each test asks for something else, so that none finds another's runs. */
let prompt = "";
let count = 0;
beforeEach(() => {
  prompt = `a guest can check out ${count++}`;
});
const PAGE = "https://shop.example.com";

async function kept(more: Partial<Run>): Promise<Run> {
  const run = newRun({
    id: RunStore.newId(),
    kind: "test",
    spec: { url: PAGE, prompt },
    requestedAt: Date.now(),
    card: { state: "posted", ts: "1.2", hash: "", shown: "requested", at: Date.now() },
    ...more,
  });
  await bench.deps.store.create(run, { name: run.id });
  return run;
}

/** Its create is on its way for so long; whoever sent it is gone. */
const creating = (ms: number, more: Partial<Run> = {}): Promise<Run> =>
  kept({ phase: { name: "creating", attempt: "of-another-process", since: Date.now() - ms }, ...more });

/** Another of ours with an open create would make what is found ambiguous: each test ends its own. */
afterEach(async () => {
  for (const run of await bench.deps.store.liveRuns())
    await bench.deps.store.update(
      run,
      (now) => ({ ...now, phase: { name: "ended", at: Date.now(), outcome: "unknown" } }),
      () => true,
    );
});

const atArga = (more: { prompt?: string; startUrl?: string } = {}): string =>
  bench.arga.control.tests.start({ prompt, startUrl: PAGE, ...more }).id;

async function reconciled(run: Run): Promise<{ now: Run; asked: string[]; result: ReconcileResult }> {
  const before = bench.arga.requests.length;
  const result = (await reconcileArga(bench.deps)(run)) ?? {};
  return { now: (await bench.deps.store.get(run)) ?? run, asked: bench.requestsSince(before), result };
}

const waitOf = ({ requeueAt }: ReconcileResult): number =>
  Math.round(((requeueAt ?? 0) - Date.now()) / 100) / 10;

describe("a create whose answer is lost", () => {
  test("isn't sent again, and isn't looked for before it can show", async () => {
    const run = await kept({});
    bench.arga.fault({ route: CREATE, action: "lose", times: 1 });
    const { now, asked, result } = await reconciled(run);
    expect(asked).toEqual([CREATE]);
    expect(now.phase.name).toBe("creating");
    expect(waitOf(result)).toBeCloseTo(3, 0);
  });

  test("is found after three seconds, and not a moment before", async () => {
    const id = atArga();
    const early = await reconciled(await creating(2.5 * SECOND));
    expect(early.asked).toEqual([]);
    expect(early.now.phase.name).toBe("creating");
    await bench.deps.store.update(early.now, (now) => ({
      ...now,
      phase: { name: "creating", attempt: "of-another-process", since: Date.now() - 3 * SECOND },
    }));
    const { now, asked } = await reconciled(early.now);
    expect(asked[0]).toBe(LIST);
    expect(now.arga?.id).toBe(id);
    expect(asked).not.toContain(CREATE);
  });

  test("isn't guessed where two look alike", async () => {
    atArga();
    atArga();
    const { now } = await reconciled(await creating(4 * SECOND));
    expect(now).toMatchObject({ phase: { name: "ended", outcome: "unknown" } });
    expect(now.arga).toBeUndefined();
  });

  test("isn't taken to be what another run of ours is", async () => {
    const other = atArga();
    await kept({
      phase: { name: "running", since: Date.now() },
      arga: { id: other, status: "running", links: [] },
    }).then((run) => bench.deps.store.update(run, (now) => ({ ...now, newsAt: 1 })));
    const alone = await reconciled(await creating(4 * SECOND));
    expect(alone.now).toMatchObject({ phase: { name: "ended", outcome: "unknown" } });
    const own = atArga();
    const { now } = await reconciled(await creating(4 * SECOND));
    expect(now.arga?.id).toBe(own);
  });

  test("isn't taken to be somebody else's test: of something else, or of another page", async () => {
    atArga({ prompt: "something else" });
    atArga({ startUrl: "https://other.example.com" });
    const { now } = await reconciled(await creating(4 * SECOND));
    expect(now).toMatchObject({ phase: { name: "ended", outcome: "unknown" } });
  });

  test("isn't taken to be one that stood there before, but for what clocks are apart", async () => {
    const id = atArga();
    const made = bench.arga.testRuns.get(id)?.createdAt ?? 0;
    const run = newRun({ kind: "test", spec: { url: PAGE, prompt } });
    const { arga, signal } = bench.deps;
    const found = (since: number) => kindOf(run).findCreated?.(arga, run, since, signal);
    expect(await found(made + 4 * SECOND)).toEqual([id]);
    expect(await found(made + 6 * SECOND)).toEqual([]);
  });

  test("waits while another create is on its way that would look alike: what is found may be that one's", async () => {
    const id = atArga();
    const run = await creating(4 * SECOND);
    const other = await creating(1 * SECOND);
    const { now, result } = await reconciled(run);
    expect(now.phase.name).toBe("creating");
    expect(waitOf(result)).toBeCloseTo(1, 0);
    await bench.deps.store.update(other, (r) => ({ ...r, phase: { name: "requested", checked: true } }));
    expect((await reconciled(run)).now.arga?.id).toBe(id);
  });

  test("doesn't wait for a create that would look otherwise: where many start, one always is on its way", async () => {
    const id = atArga();
    await creating(1 * SECOND, { spec: { url: PAGE, prompt: "something else" } });
    expect((await reconciled(await creating(4 * SECOND))).now.arga?.id).toBe(id);
    await creating(1 * SECOND);
    const { now } = await reconciled(
      await creating(4 * SECOND, { spec: { url: PAGE, prompt: "never made" } }),
    );
    expect(now).toMatchObject({ phase: { name: "ended", outcome: "unknown" } });
  });

  test("doesn't wait for a create of another kind", async () => {
    const id = atArga();
    await creating(1 * SECOND, { kind: "twin", spec: { twins: ["stripe"], ttlMinutes: 60 } });
    expect((await reconciled(await creating(4 * SECOND))).now.arga?.id).toBe(id);
  });

  test("doesn't wait for another one longer than a minute", async () => {
    const id = atArga();
    await creating(1 * SECOND);
    const since = 61 * SECOND;
    const run = await creating(since - 2 * SECOND);
    expect((await reconciled(run)).now.phase.name).toBe("creating");
    const { attempt } = run.phase as { attempt: string };
    await bench.deps.store.update(run, (now) => ({
      ...now,
      phase: { name: "creating", attempt, since: Date.now() - since },
    }));
    const { now, asked } = await reconciled(run);
    expect(asked.filter((route) => route === LIST)).toHaveLength(1);
    expect(now.arga?.id).toBe(id);
  });

  test("is looked for while Arga doesn't answer, for a minute", async () => {
    bench.arga.fault({ route: LIST, status: 503 });
    const early = await reconciled(await creating(55 * SECOND));
    expect(early.now.phase.name).toBe("creating");
    expect(early.now.trouble?.with).toBe("arga");
    expect(early.result.requeueAt).toBeGreaterThan(Date.now());
    const late = await reconciled(await creating(61 * SECOND));
    expect(late.now).toMatchObject({ phase: { name: "ended", outcome: "unknown" } });
  });

  test("isn't looked for again where Arga refuses to say", async () => {
    bench.arga.fault({ route: LIST, status: 403 });
    const { now } = await reconciled(await creating(4 * SECOND));
    expect(now).toMatchObject({ phase: { name: "ended", outcome: "unknown" } });
  });

  test("of a kind that Arga has no list of is unknown at once", async () => {
    const spec = { twins: ["stripe"], ttlMinutes: 60 };
    const { now, asked } = await reconciled(await creating(0, { kind: "twin", spec }));
    expect(asked).toEqual([]);
    expect(now).toMatchObject({
      phase: { name: "ended", outcome: "unknown", why: "I was restarted before Arga's answer arrived." },
    });
  });
});

describe("a create that this process itself waits for", () => {
  test("is no orphan, however long it takes", async () => {
    atArga();
    const run = await creating(50 * SECOND);
    bench.deps.creating.add("of-another-process");
    const { now, asked, result } = await reconciled(run);
    bench.deps.creating.delete("of-another-process");
    expect(asked).toEqual([]);
    expect(now).toEqual((await bench.deps.store.get(run)) ?? {});
    expect(now.phase.name).toBe("creating");
    expect(waitOf(result)).toBeCloseTo(2, 0);
  });
});
