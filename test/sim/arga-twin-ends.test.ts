import { describe, expect, test } from "vitest";
import {
  arga,
  call,
  queuedSandbox,
  queuedTest,
  queuedTwins,
  readyTwins,
  start,
  urlRun,
} from "./arga-here.ts";

describe("the end", () => {
  test.each(["torn_down", "cancelled"] as const)("teardown cleans up and ends as %s", async (tornDown) => {
    await start({ speed: 100, dialect: { tornDown } });
    const run = await readyTwins();
    const path = `/twin-runs/${run.runId}`;
    const answer = await call("POST", `${path}/teardown`);
    expect(answer.body).toEqual({ status: "cleaning_up", run_id: run.runId });
    await arga.until(() => run.status === tornDown);
    expect(run.history.at(-2)?.status).toBe("cleaning_up");
    expect((await call("GET", path)).body).toMatchObject({ status: tornDown, twins: {} });
    expect(await call("POST", `${path}/teardown`)).toMatchObject({
      status: 400,
      body: { detail: `Cannot tear down run with status ${tornDown}` },
    });
  });

  test("teardown of a queued run is the end of its provisioning", async () => {
    await start({ speed: 200, provisionSeconds: 3600 });
    const run = await queuedTwins();
    await call("POST", `/twin-runs/${run.runId}/teardown`);
    await arga.until(() => run.status === "torn_down");
    expect(run.history.map(({ status }) => status)).not.toContain("ready");
  });

  test.each(["extend", "lock", "teardown"])("%s of a run that is over is refused with 400", async (act) => {
    await start();
    const run = await readyTwins();
    arga.control.fail(run.runId, "out of disk");
    const answer = await call("POST", `/twin-runs/${run.runId}/${act}`);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ detail: expect.stringMatching(/^Cannot .* run with status failed$/) });
  });

  test("time that passes faster leaves each run as much of its own time as it had", async () => {
    await start({ speed: 100 });
    const run = await readyTwins();
    const before = ((run.expiresAt ?? 0) - Date.now()) * 100;
    arga.control.pace(1000);
    const after = ((run.expiresAt ?? 0) - Date.now()) * 1000;
    expect(Math.abs(after - before)).toBeLessThan(before / 20);
    arga.control.pace(100_000);
    await arga.until(() => run.status === "expired");
  });

  test("time that passes faster carries along whatever is under way", async () => {
    // So slow that nothing would happen within a test.
    await start({ speed: 0.02 });
    const [twins, tried, sandbox, validation] = [
      await queuedTwins(),
      await queuedTest(),
      await queuedSandbox(),
      await urlRun(),
    ];
    arga.control.pace(1000);
    await arga.until(() => twins.status === "ready" && sandbox.status === "ready");
    await arga.until(() => tried.status === "complete" && validation.status === "completed");
    expect((await call("GET", "/_sim")).body).toMatchObject({ settings: { speed: 1000 } });
  });

  test("a failed run says why", async () => {
    await start();
    const run = await queuedTwins();
    arga.control.fail(run.runId, "image pull failed");
    const { body } = await call("GET", `/twin-runs/${run.runId}`);
    expect(body).toMatchObject({ status: "failed", error: "image pull failed", twins: {} });
  });

  test("the time to live is real time divided by the speed, and is kept", async () => {
    await start({ speed: 300, provisionSeconds: 0 });
    const run = await queuedTwins({ ttl_minutes: 1 });
    expect(run.expiresAt).toBe(run.createdAt + 200);
    await arga.until(() => run.status === "expired");
    expect(run.history.map(({ status }) => status)).toEqual(["queued", "provisioning", "ready", "expired"]);
    // A timer of Node may be a millisecond or two ahead of the clock.
    expect(run.history.at(-1)?.at).toBeGreaterThanOrEqual(run.createdAt + 195);
    expect((await call("GET", `/twin-runs/${run.runId}`)).body).toMatchObject({
      status: "expired",
      twins: {},
    });
  });

  test("the time to live can start at ready", async () => {
    await start({ dialect: { ttlFrom: "ready" } });
    const run = await queuedTwins({ ttl_minutes: 1 });
    expect((await call("GET", `/twin-runs/${run.runId}`)).body).toMatchObject({ expires_at: null });
    arga.control.ready(run.runId);
    expect(run.expiresAt).toBeGreaterThanOrEqual(run.createdAt + 60_000);
  });

  test("an expired run is destroyed later on, and its status is 410 then", async () => {
    await start({ speed: 6000 });
    const run = await readyTwins({ ttl_minutes: 480 });
    arga.control.expire(run.runId);
    expect(run.destroyed).toBe(false);
    await arga.until(() => run.destroyed);
    const answer = await call("GET", `/twin-runs/${run.runId}`);
    expect(answer).toMatchObject({ status: 410, body: { detail: "environment_destroyed" } });
  });

  test("an expired run can be gone at once", async () => {
    await start({ dialect: { afterExpiry: "gone" } });
    const run = await readyTwins();
    arga.control.expire(run.runId);
    expect((await call("GET", `/twin-runs/${run.runId}`)).status).toBe(410);
  });
});

describe("what others do elsewhere", () => {
  test("teardown, extend and lock work like their routes, but leave no request", async () => {
    await start();
    const run = await readyTwins();
    const before = arga.requests.length;
    arga.control.extend(run.runId, 90);
    arga.control.lock(run.runId);
    arga.control.teardown(run.runId);
    expect(run).toMatchObject({ status: "cleaning_up", isPublic: false, ttlMinutes: 90 });
    expect(arga.requests).toHaveLength(before);
  });

  test("is refused where the run does not allow it", async () => {
    await start();
    const run = await readyTwins();
    expect(() => arga.control.ready(run.runId)).not.toThrow();
    expect(() => arga.control.extend(run.runId, Number.POSITIVE_INFINITY)).toThrow(RangeError);
    arga.control.teardown(run.runId);
    expect(() => arga.control.ready(run.runId)).toThrow("Cannot make ready run with status cleaning_up");
    expect(() => arga.control.expire(crypto.randomUUID())).toThrow("Run not found");
  });
});
