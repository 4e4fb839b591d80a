import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reconcileArga } from "../../../src/jobs/arga/reconcile.ts";
import type { Run } from "../../../src/runs/run.ts";
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
