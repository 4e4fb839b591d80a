import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sandbox } from "../../../src/kinds/sandbox.ts";
import type { ArgaRun } from "../../../src/runs/run.ts";
import { type ArgaBench, startArgaBench } from "../support/arga-bench.ts";

/** What is made of Arga's answers on a sandbox: its logs, and what only its requester sees. */

let bench: ArgaBench;
beforeAll(async () => {
  bench = await startArgaBench();
});
afterAll(() => bench.stop());
afterEach(() => bench.arga.clearFaults());

const argaRun: ArgaRun = { id: "5b1c3c9e-8f0a-4b6e-9d3d-2f1a7c5e4b10", status: "ready", links: [] };
const answers = (route: string, body: unknown): void => void bench.arga.fault({ route, status: 200, body });

describe("its logs", () => {
  test("have each line with its time, its source and whether it's an error, as far as Arga says", async () => {
    answers("GET /sandbox-runs/{run_id}/logs", {
      logs: [
        { timestamp: "2026-10-01T12:00:00Z", type: "build", message: "installing" },
        { timestamp: null, type: "build_error", message: "no such package" },
        { type: "FAILURE", message: "" },
        { message: null },
      ],
    });
    expect(await sandbox.logs?.(bench.deps.arga, argaRun)).toEqual([
      { text: "installing", isError: false, source: "build", at: Date.UTC(2026, 9, 1, 12) },
      { text: "no such package", isError: true, source: "build_error" },
      { text: "(no message)", isError: true, source: "FAILURE" },
      { text: "(no message)", isError: false },
    ]);
  });

  test("may be none", async () => {
    answers("GET /sandbox-runs/{run_id}/logs", { logs: null });
    expect(await sandbox.logs?.(bench.deps.arga, argaRun)).toEqual([]);
  });
});

describe("its credentials", () => {
  const run = { run_id: argaRun.id, id: argaRun.id, repo: "acme/shop", branch: "main", status: "ready" };
  const twins = {
    stripe: { base_url: "https://s.example", admin_url: null, env_vars: { KEY: "sk_1", NONE: "" } },
  };

  test("are those of the app, which has those of its twins, and where each is", async () => {
    answers("GET /sandbox-runs/{run_id}", {
      ...run,
      app_url: "https://app.example",
      env_vars: { KEY: "sk_1", EMPTY: null },
      twins,
    });
    expect(await sandbox.secrets?.(bench.deps.arga, argaRun)).toEqual([
      {
        title: "App",
        facts: [{ name: "URL", value: "https://app.example" }],
        variables: [{ name: "KEY", value: "sk_1" }],
      },
      { title: "stripe", facts: [{ name: "URL", value: "https://s.example" }], variables: [] },
    ]);
  });

  test("are those of each twin, where the app has none", async () => {
    answers("GET /sandbox-runs/{run_id}", { ...run, twins });
    expect(await sandbox.secrets?.(bench.deps.arga, argaRun)).toEqual([
      {
        title: "stripe",
        facts: [{ name: "URL", value: "https://s.example" }],
        variables: [{ name: "KEY", value: "sk_1" }],
      },
    ]);
  });
});

test("its links are called what people call the twins", async () => {
  const twins = {
    stripe: { base_url: "https://s.example/" },
    google_drive: { base_url: "https://d.example/" },
  };
  answers("GET /sandbox-runs/{run_id}", {
    sandbox_id: argaRun.id,
    status: "ready",
    app_url: "https://app.example/",
    twins,
  });
  const { arga } = await sandbox.observe(bench.deps.arga, argaRun, new AbortController().signal);
  expect(arga.links).toEqual([
    { label: "App", url: "https://app.example/" },
    { label: "Stripe", url: "https://s.example/" },
    { label: "Google drive", url: "https://d.example/" },
  ]);
});

describe("one that failed", () => {
  const failed = { sandbox_id: argaRun.id, status: "failed", env_vars: { KEY: "sk_test_1234" } };
  const observed = () => sandbox.observe(bench.deps.arga, argaRun, new AbortController().signal);

  test("says why in its log's last error, without what is secret", async () => {
    answers("GET /sandbox-runs/{run_id}", failed);
    answers("GET /sandbox-runs/{run_id}/logs", {
      logs: [
        { type: "error", message: "no such package" },
        { type: "error", message: "Build failed with sk_test_1234: exit code 1" },
        { type: "deploy_error", message: " " },
        { type: "deploy", message: "cleaning up" },
      ],
    });
    expect(await observed()).toMatchObject({
      state: "ended",
      outcome: "failed",
      why: "Build failed with [secret]: exit code 1",
    });
  });

  test.each([
    ["no log", { status: 500 }],
    ["an empty log", { status: 200, body: { logs: null } }],
    ["a log without errors", { status: 200, body: { logs: [{ type: "deploy", message: "cloning" }] } }],
  ])("with %s has failed all the same", async (_, answer) => {
    answers("GET /sandbox-runs/{run_id}", failed);
    bench.arga.fault({ route: "GET /sandbox-runs/{run_id}/logs", ...answer });
    const seen = await observed();
    expect(seen).toMatchObject({ state: "ended", outcome: "failed" });
    expect(seen.why).toBeUndefined();
  });

  test("is the only one whose log is asked for", async () => {
    answers("GET /sandbox-runs/{run_id}", { ...failed, status: "expired" });
    const before = bench.arga.requests.length;
    await observed();
    expect(bench.arga.requests.slice(before).map(({ path }) => path)).toEqual([
      `/sandbox-runs/${argaRun.id}`,
    ]);
  });
});
