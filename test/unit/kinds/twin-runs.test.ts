import { afterEach, describe, expect, test } from "vitest";
import { type Arga, type ArgaOptions, startArga } from "../../../sim/arga/server.ts";
import { ArgaClient } from "../../../src/api/client.ts";
import {
  type ArgaError,
  ArgaFailed,
  ArgaGone,
  ArgaNotFound,
  ArgaPlanLimit,
  ArgaRefused,
  ArgaUnauthorized,
  ArgaUnreachable,
} from "../../../src/api/errors.ts";
import { twin } from "../../../src/kinds/twin.ts";
import type { ArgaRun } from "../../../src/runs/run.ts";
import { wishOf } from "../support/runs.ts";

let arga: Arga;
let client: ArgaClient;
const signal = new AbortController().signal;

async function start(options: ArgaOptions = {}): Promise<void> {
  arga = await startArga({ provisionSeconds: 3_600, cleanupSeconds: 3_600, ...options });
  client = new ArgaClient({ url: arga.url, key: arga.key });
}

afterEach(async () => {
  await client.destroy();
  await arga.close();
});

const failure = (call: Promise<unknown>): Promise<ArgaError> =>
  call.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: ArgaError) => error,
  );

const SPEC = { twins: ["stripe"], ttlMinutes: 60 };
/** Starts one as the bot does; with its id at Arga. */
async function begin(spec = SPEC): Promise<ArgaRun> {
  const made = await twin.start(client, spec, signal);
  return { ...made, links: [] };
}
const routes = () => arga.requests.map(({ route }) => route);

describe("a twin run over the paths of today", () => {
  test("is created with what was asked for, and nothing that was not", async () => {
    await start();
    await begin({ twins: ["stripe", "slack"], ttlMinutes: 90 });
    await begin({ ...SPEC, ...{ scenarioId: "preset-saas-billing", scenarioPrompt: "", private: true } });
    await begin({ ...SPEC, ...{ scenarioPrompt: "one customer" } });
    expect(arga.requests.map(({ body }) => body)).toEqual([
      { twins: ["stripe", "slack"], ttl_minutes: 90 },
      { twins: ["stripe"], ttl_minutes: 60, scenario_id: "preset-saas-billing", public: false },
      { twins: ["stripe"], ttl_minutes: 60, scenario_prompt: "one customer" },
    ]);
  });

  test("goes its whole way: starting, ready, extended, locked, reset, ending", async () => {
    await start();
    const argaRun = await begin();
    expect(await twin.observe(client, argaRun, signal)).toMatchObject({ state: "starting" });
    arga.control.ready(argaRun.id);
    const ready = await twin.observe(client, argaRun, signal);
    expect(ready).toMatchObject({ state: "ready", arga: { isPublic: true, status: "ready" } });
    expect(ready.arga.links).toEqual([{ label: "Stripe", url: expect.stringMatching(/^https:\/\/pub-r/) }]);

    const before = Date.now();
    await twin.act(client, argaRun, wishOf({ action: "extend", minutes: 120 }), signal);
    const { endsAt = 0 } = await twin.observe(client, argaRun, signal);
    const extended = endsAt - 120 * 60_000;
    expect(extended).toBeGreaterThanOrEqual(before - 1_000);
    expect(extended).toBeLessThanOrEqual(Date.now() + 1_000);

    await twin.act(client, argaRun, wishOf({ action: "reset" }), signal);
    expect(arga.runs.get(argaRun.id)?.resets).toBe(1);
    await twin.act(client, argaRun, wishOf({ action: "lock" }), signal);
    expect(await twin.observe(client, argaRun, signal)).toMatchObject({ arga: { isPublic: false } });
    await twin.act(client, argaRun, wishOf({ action: "teardown" }), signal);
    expect(await twin.observe(client, argaRun, signal)).toMatchObject({ state: "ending" });
    expect(routes().filter((route) => route.includes("/validate/"))).toEqual([
      "POST /validate/twins/provision/{run_id}/reset",
    ]);
  });

  test.each([
    ["expired", (id: string) => arga.control.expire(id), { state: "ended", outcome: "expired" }],
    ["failed", (id: string) => arga.control.fail(id, "no room"), { outcome: "failed", why: "no room" }],
  ])("that %s says so", async (_, end, expected) => {
    await start();
    const argaRun = await begin();
    end(argaRun.id);
    expect(await twin.observe(client, argaRun, signal)).toMatchObject(expected);
  });

  test.each(["torn_down", "cancelled"] as const)(
    "that was torn down is over, by either word: %s",
    async (tornDown) => {
      await start({ cleanupSeconds: 0, dialect: { tornDown } });
      const argaRun = await begin();
      arga.control.teardown(argaRun.id);
      await arga.until(() => arga.runs.get(argaRun.id)?.status === tornDown);
      expect(await twin.observe(client, argaRun, signal)).toMatchObject({
        state: "ended",
        outcome: "torn_down",
      });
    },
  );

  test("its credentials hold every secret, and an observation none", async () => {
    await start();
    const argaRun = await begin();
    arga.control.ready(argaRun.id);
    const run = arga.runs.get(argaRun.id);
    const secrets = [run?.proxyToken ?? "", ...Object.values(run?.secrets.stripe ?? {})];
    const shown = ((await twin.secrets?.(client, argaRun)) ?? []).flatMap(({ facts, variables }) =>
      [...facts, ...variables].map(({ value }) => value),
    );
    const observation = JSON.stringify(await twin.observe(client, argaRun, signal));
    expect(secrets.length).toBeGreaterThan(2);
    for (const secret of secrets) {
      expect(shown).toContain(secret);
      expect(observation).not.toContain(secret);
    }
  });
});

describe("an older Arga", () => {
  test("is asked over its own paths, from the create to the end", async () => {
    await start({ dialect: { canonicalTwinRuns: false } });
    const argaRun = await begin();
    expect(argaRun.legacy).toBe(true);
    arga.control.ready(argaRun.id);
    await twin.observe(client, argaRun, signal);
    for (const action of ["extend", "lock", "reset", "teardown"] as const)
      await twin.act(client, argaRun, wishOf({ action, minutes: 90 }), signal);
    const base = "/validate/twins/provision";
    expect(routes()).toEqual([
      "POST /twin-runs",
      `POST ${base}`,
      `GET ${base}/{run_id}/status`,
      `POST ${base}/{run_id}/extend`,
      `POST ${base}/{run_id}/lock`,
      `POST ${base}/{run_id}/reset`,
      `POST ${base}/{run_id}/teardown`,
    ]);
    expect(arga.runs.size).toBe(1);
  });

  test("still has a catalog", async () => {
    await start({ dialect: { canonicalTwinRuns: false } });
    expect((await client.catalog.list()).map(({ name }) => name)).toContain("stripe");
  });

  test("a create whose answer was lost does not go on to the other paths", async () => {
    await start();
    arga.fault({ route: "POST /twin-runs", action: "lose" });
    expect(await failure(begin())).toMatchObject({ sent: "maybe" });
    expect(routes()).toEqual(["POST /twin-runs"]);
    expect(arga.runs.size).toBe(1);
  });
});

describe("what goes wrong with a create", () => {
  const invalid = { detail: [{ loc: ["body", "twins"], msg: "odd" }] };
  test.each([
    { what: "reset before it was done", fault: { action: "reset" as const }, type: ArgaUnreachable, made: 0 },
    { what: "lost after it was done", fault: { action: "lose" as const }, type: ArgaUnreachable, made: 1 },
    { what: "500 before it was done", fault: { status: 500 }, type: ArgaFailed, made: 0 },
    { what: "504 that hides a success", fault: { status: 504, applyFirst: true }, type: ArgaFailed, made: 1 },
    { what: "refused", fault: { status: 422, body: invalid }, type: ArgaRefused, made: 0 },
  ])("$what: it is sent once, and what is known of it is said", async ({ fault, type, made }) => {
    await start();
    arga.fault({ route: "POST /twin-runs", ...fault });
    const error = await failure(begin());
    expect(error).toBeInstanceOf(type);
    expect(error.sent).toBe(type === ArgaRefused ? "refused" : "maybe");
    expect(arga.runs.size).toBe(made);
    expect(arga.requests).toHaveLength(1);
  });

  test.each(["string", "object"] as const)(
    "a used-up quota is told in words, with a %s for detail",
    async (quotaDetail) => {
      await start({ plan: "free", monthlyRuns: 0, dialect: { quotaDetail } });
      const error = await failure(begin({ ...SPEC, ttlMinutes: 10 }));
      expect(error).toBeInstanceOf(ArgaPlanLimit);
      expect(error).toMatchObject({ sent: "refused", message: expect.stringContaining("plan limit") });
    },
  );

  test("a key that is not accepted is told apart from everything else", async () => {
    await start();
    const stranger = new ArgaClient({ url: arga.url, key: "arga_sk_other" });
    const error = await failure(twin.start(stranger, SPEC, signal));
    await stranger.destroy();
    expect(error).toBeInstanceOf(ArgaUnauthorized);
    expect(error.sent).toBe("refused");
  });

  test("an unknown twin is named in the refusal", async () => {
    await start();
    const error = await failure(begin({ ...SPEC, twins: ["paypal"] }));
    expect(error).toMatchObject({ sent: "refused", message: expect.stringContaining("paypal") });
  });
});

describe("what goes wrong later", () => {
  test("a run that Arga does not know, and one that it destroyed, are told apart", async () => {
    await start({ dialect: { afterExpiry: "gone" } });
    const argaRun = await begin();
    arga.control.expire(argaRun.id);
    expect(await failure(twin.observe(client, argaRun, signal))).toBeInstanceOf(ArgaGone);
    const unknown = { ...argaRun, id: "00000000-0000-4000-8000-000000000000" };
    expect(await failure(twin.observe(client, unknown, signal))).toBeInstanceOf(ArgaNotFound);
  });

  test("a look survives an outage of a moment, an action is not sent twice", async () => {
    await start();
    const argaRun = await begin();
    const route = "GET /twin-runs/{run_id}";
    arga.fault({ route, times: 2, status: 503 });
    expect(await twin.observe(client, argaRun, signal)).toMatchObject({ state: "starting" });
    arga.fault({ route: "POST /twin-runs/{run_id}/extend", times: 1, status: 503 });
    const extend = twin.act(client, argaRun, wishOf({ action: "extend", minutes: 90 }), signal);
    expect(await failure(extend)).toMatchObject({ sent: "maybe" });
    expect(routes().filter((each) => each.endsWith("/extend"))).toHaveLength(1);
  });

  test("an id is only ever one step of a path", async () => {
    await start();
    await failure(client.twinRuns.get("../auth/me?x=1#y"));
    expect(arga.requests.at(-1)?.path).toBe("/twin-runs/..%2Fauth%2Fme%3Fx%3D1%23y");
  });
});
