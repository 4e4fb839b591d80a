import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FaultRule } from "../../../sim/arga/server.ts";
import { reconcileArga } from "../../../src/jobs/arga/reconcile.ts";
import type { Run } from "../../../src/runs/run.ts";
import { createArgaCache } from "../../../src/store/arga-cache.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";
import { newRun, wishOf } from "../support/runs.ts";

let bench: ArgaBench;
beforeAll(async () => {
  bench = await startArgaBench({ provisionSeconds: 0 });
});
afterAll(() => bench.stop());

const creates = (): number =>
  bench.arga.requests.filter(({ method, path }) => method === "POST" && path === "/twin-runs").length;

describe("a run whose card stands", () => {
  test("is created once, though two jobs are at it at the same moment, as after a stall", async () => {
    const { deps } = bench;
    const run = newRun({
      id: RunStore.newId(),
      requestedAt: Date.now(),
      phase: { name: "requested", checked: true },
      card: { state: "posted", ts: "1.2", hash: "", shown: "requested", at: Date.now() },
    });
    await deps.store.create(run, { name: run.id });
    const before = creates();
    await Promise.all([1, 2, 3].map(() => reconcileArga(deps)(run)));
    expect(creates() - before).toBe(1);
    expect((await deps.store.get(run))?.arga?.id).toBeDefined();
    expect(deps.creating.size).toBe(0);
  });
});

describe("a run that was just asked for", () => {
  const CREATE = "POST /twin-runs";
  /** The newer route, and the one that is left where there is none. */
  const CATALOG = /^GET (?:\/validate)?\/twins$/;
  const asking = async (more: Partial<Run> = {}): Promise<Run> => {
    const run = newRun({
      id: RunStore.newId(),
      requestedAt: Date.now(),
      card: { state: "posted", ts: "1.2", hash: "", shown: "requested", at: Date.now() },
      ...more,
    });
    await bench.deps.store.create(run, { name: run.id });
    return run;
  };
  const unchecked = (more: Partial<Run> = {}): Promise<Run> =>
    asking({ phase: { name: "requested", checked: false }, ...more });
  /** One job of a process that has seen nothing of Arga yet: the record after it, and when it wants to look again. */
  const reconciled = async (run: Run) => {
    const argaCache = createArgaCache(bench.deps.arga, bench.redis, bench.prefix);
    const { requeueAt } = (await reconcileArga({ ...bench.deps, argaCache })(run)) ?? {};
    return { run: (await bench.deps.store.get(run)) ?? run, requeueAt };
  };
  afterEach(() => bench.arga.clearFaults());
  beforeEach(() => bench.redis.del("test:known:catalog", "test:known:plan", "test:known:tests"));

  test("of names that Arga has is created, once its card stands", async () => {
    const { run } = await reconciled(await unchecked({ card: { state: "due" } }));
    expect(run.phase).toEqual({ name: "requested", checked: true });
    await bench.deps.store.update(run, (now) => ({
      ...now,
      card: { state: "posted", ts: "1.2", hash: "", shown: "requested", at: Date.now() },
    }));
    expect((await reconciled(run)).run.phase.name).toBe("starting");
  });

  test("of a twin that Arga doesn't have is refused to its person alone, with what is near", async () => {
    const spec = { twins: ["strip"], ttlMinutes: 60 };
    const before = creates();
    const { run } = await reconciled(await unchecked({ card: { state: "due" }, spec }));
    expect(run).toMatchObject({ card: { state: "none" }, phase: { name: "ended", outcome: "refused" } });
    expect(run.outbox).toMatchObject([
      {
        to: "person",
        key: "rejected",
        what: {
          type: "rejected",
          why: expect.stringContaining("strip"),
          tryThis: "/arga twins stripe 60",
          button: "Run it",
        },
      },
    ]);
    expect(creates()).toBe(before);
  });

  test("is given up after ten minutes, with what stood in the way", async () => {
    const requestedAt = Date.now() - 10 * 60_000 - 1;
    const trouble = { with: "arga", text: "Arga is away.", since: requestedAt } as const;
    const { run } = await reconciled(await asking({ requestedAt, trouble }));
    const why = "I tried for ten minutes and couldn't start it. Arga is away.";
    expect(run.phase).toMatchObject({ name: "ended", outcome: "refused", why });
    const { run: other } = await reconciled(await asking({ requestedAt }));
    expect(other.phase).toMatchObject({ why: "I tried for ten minutes and couldn't start it." });
  });

  test("of an Arga without a catalog is created all the same", async () => {
    bench.arga.fault({ route: CATALOG, status: 404 });
    expect((await reconciled(await unchecked())).run.phase.name).toBe("starting");
  });

  test("of an Arga that says nothing of its plan is created all the same", async () => {
    bench.arga.fault({ route: "GET /auth/me", status: 503 });
    expect((await reconciled(await unchecked())).run.phase.name).toBe("starting");
  });

  test("isn't asked for with a key that Arga doesn't take", async () => {
    bench.arga.fault({ route: CATALOG, status: 401 });
    const { run } = await reconciled(await unchecked());
    expect(run.phase).toMatchObject({
      name: "ended",
      outcome: "refused",
      why: expect.stringMatching(/key/i),
    });
  });

  test.each<[string, string | RegExp, FaultRule]>([
    ["while its names can't be looked up", CATALOG, { status: 503 }],
    ["while Arga wants fewer requests", CATALOG, { status: 429, retryAfter: 9 }],
    ["while Arga wants fewer of them", CREATE, { status: 429, retryAfter: 9 }],
  ])("waits %s, and its card says why", async (_when, route, rule) => {
    bench.arga.fault({ route, ...rule });
    const before = Date.now();
    const { run, requeueAt = 0 } = await reconciled(await unchecked());
    expect(run.phase.name).toBe("requested");
    expect(run.trouble).toMatchObject({ with: "arga" });
    // Give or take a fifth, so that not all come back at once.
    expect(requeueAt).toBeGreaterThan(before + (rule.retryAfter ?? 0) * 800);
    bench.arga.clearFaults();
    expect((await reconciled(run)).run).toMatchObject({ phase: { name: "starting" } });
    expect((await bench.deps.store.get(run))?.trouble).toBeUndefined();
  });

  test("is refused in Arga's own words", async () => {
    bench.arga.fault({ route: CREATE, status: 403, body: { detail: "Monthly limit reached" } });
    const { run } = await reconciled(await asking());
    expect(run.phase).toMatchObject({
      outcome: "refused",
      why: expect.stringContaining("Monthly limit reached"),
    });
    expect(bench.deps.creating.size).toBe(0);
  });

  test("is not asked for by a process that ends", async () => {
    const before = creates();
    const run = await asking();
    await reconcileArga({ ...bench.deps, signal: AbortSignal.abort() })(run);
    expect(creates()).toBe(before);
    expect((await bench.deps.store.get(run))?.phase.name).toBe("requested");
  });

  test("of a plan with few runs left has it asked anew before the next", async () => {
    for (const [runsLeft, isFresh] of [
      [11, true],
      [10, false],
    ] as const) {
      const known = { at: Date.now(), value: { runsLeft } };
      await bench.redis.set("test:known:plan", JSON.stringify(known));
      await reconciled(await asking());
      const { at } = JSON.parse((await bench.redis.get("test:known:plan")) ?? "") as { at: number };
      expect(at > 0, String(runsLeft)).toBe(isFresh);
    }
  });
});

describe("provisioning that fails because Arga has no machine right now", () => {
  const WHY = "Provisioning failed: warm VM unavailable";
  const read = async (run: Run): Promise<Run> => (await slow.deps.store.get(run)) ?? run;
  const creates = (): number =>
    slow.arga.requests.filter(({ method, path }) => method === "POST" && path === "/twin-runs").length;

  let slow: ArgaBench;
  beforeAll(async () => {
    slow = await startArgaBench({ provisionSeconds: 3_600 });
  });
  afterAll(() => slow.stop());

  async function started(): Promise<Run> {
    const run = newRun({
      id: RunStore.newId(),
      requestedAt: Date.now(),
      card: { state: "posted", ts: "1.2", hash: "", shown: "requested", at: Date.now() },
    });
    await slow.deps.store.create(run, { name: run.id });
    await reconcileArga(slow.deps)(run);
    return await read(run);
  }

  async function failed(run: Run, why: string): Promise<Run> {
    slow.arga.control.fail(run.arga?.id ?? "", why);
    await reconcileArga(slow.deps)(run);
    return await read(run);
  }

  test("is tried once more, and the thread says so", async () => {
    const first = await started();
    const before = creates();
    const second = await failed(first, WHY);
    expect(creates() - before).toBe(1);
    expect(second.phase.name).toBe("starting");
    expect(second.arga?.id).not.toBe(first.arga?.id);
    expect(second.outbox).toMatchObject([{ to: "thread", what: { type: "retried", why: WHY } }]);
    // Still known as ours.
    expect(await slow.deps.store.knows(first.team, first.arga?.id ?? "")).toBe(true);
  });

  test("a second time is its end", async () => {
    const second = await failed(await started(), WHY);
    const before = creates();
    expect((await failed(second, WHY)).phase).toMatchObject({ name: "ended", outcome: "failed", why: WHY });
    expect(creates()).toBe(before);
  });

  test("is not tried again for any other reason, nor when its end was asked for", async () => {
    const other = await failed(await started(), "the image is broken");
    expect(other.phase).toMatchObject({ name: "ended", outcome: "failed" });
    const run = await started();
    const wish = wishOf({ action: "teardown", at: Date.now() });
    await slow.deps.store.update(run, (now) => ({
      ...now,
      actionRequests: [wish],
      seenKeys: [wish.key],
    }));
    const before = creates();
    await failed(run, WHY);
    await reconcileArga(slow.deps)(run);
    expect((await read(run)).phase.name).not.toBe("requested");
    expect(creates()).toBe(before);
  });
});
