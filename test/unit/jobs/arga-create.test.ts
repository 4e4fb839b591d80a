import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reconcileArga } from "../../../src/jobs/arga/reconcile.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";
import { newRun } from "../support/runs.ts";

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
