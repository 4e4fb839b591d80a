import { afterEach, describe, expect, test } from "vitest";
import { ArgaClient } from "../../../src/api/client.ts";
import { url } from "../../../src/kinds/url.ts";
import { StepReader } from "../../../src/kinds/validation-steps.ts";
import { progressed, recapped } from "../../../src/runs/progress.ts";
import { observed } from "../../../src/runs/transitions.ts";
import { closeAll, json, serve } from "../../api/support/http.ts";
import { NOW, REMIND_BEFORE, runIn } from "../support/runs.ts";

afterEach(closeAll);

const SIDE = { id: "x", status: "", links: [] };

/** Asks the kind about a run that Arga shows so. */
async function asked<T>(
  body: Record<string, unknown>,
  ask: (client: ArgaClient) => Promise<T>,
  logs: Record<string, unknown> = {},
): Promise<T> {
  const shown = { id: "x", status: "running", ...body };
  const server = await serve((request, response) =>
    json(200, request.url?.endsWith("/logs") ? logs : shown)(request, response),
  );
  const client = new ArgaClient({ url: server.url, key: "arga_sk_x" });
  try {
    return await ask(client);
  } finally {
    await client.destroy();
  }
}

const look = (body: Record<string, unknown>) =>
  asked(body, (client) => url.observe(client, SIDE, new AbortController().signal));
const logsOf = (body: Record<string, unknown>, logs: Record<string, unknown>) =>
  asked(body, async (client) => url.logs?.(client, SIDE), logs);

const STEPS = [
  { step: "Open", status: "passed", detail: "As expected" },
  { step: "Pay", status: "passed", detail: "As expected" },
  { step: "Pay", status: "failed", detail: "Card refused" },
];

test.each([
  ["failed", "function"],
  ["cancelled", "undefined"],
  ["running", "undefined"],
])("a validation that %s has pictures to show: %s", async (status, kind) => {
  expect(typeof (await look({ status })).proof).toBe(kind);
});

describe("a look at a validation", () => {
  test.each([
    ["queued", "starting", false],
    ["pending", "starting", false],
    ["running", "running", false],
    ["generating_story", "running", false],
    ["awaiting_review", "running", true],
    ["completed", "ended", false],
  ])("that is %s finds it %s", async (status, state, isOdd) => {
    expect(await look({ status })).toMatchObject({ state, isOdd, arga: { status } });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["completed", {}, "passed"],
    ["complete", { results_json: [] }, "passed"],
    ["completed", { failure_category: "assertion" }, "failed"],
    ["completed", { step_summaries: STEPS }, "failed"],
    ["completed", { step_summaries: STEPS.slice(0, 2) }, "passed"],
    ["completed", { results_json: STEPS }, "failed"],
    ["completed", { results_json: { steps: STEPS } }, "failed"],
    ["completed", { results_json: JSON.stringify({ steps: STEPS }) }, "failed"],
    ["completed", { results_json: { passed: false } }, "failed"],
    ["completed", { results_json: { failed: 1 } }, "failed"],
    ["completed", { results_json: { failed: ["Pay"] } }, "failed"],
    ["completed", { results_json: { failed: 0, passed: 3 } }, "passed"],
    ["completed", { results_json: { failed: [], passed: ["Pay"] } }, "passed"],
    ["completed", { results_json: { verdict: "failed" } }, "failed"],
    ["completed", { results_json: { summary: "Nothing failed" } }, "passed"],
    ["completed", { results_json: "not json" }, "passed"],
    ["failed", {}, "failed"],
    ["error", {}, "failed"],
    ["timed_out", {}, "failed"],
    ["cancelled", { failure_detail: "stopped" }, "cancelled"],
    ["canceled", {}, "cancelled"],
  ])("that is %s with %j finds that it %s", async (status, body, outcome) => {
    expect(await look({ status, ...body })).toMatchObject({ state: "ended", outcome });
  });

  test("says why in Arga's words, the longer ones first", async () => {
    expect(await look({ status: "failed", failure_category: "c", failure_detail: "d" })).toMatchObject({
      why: "d",
    });
    expect(await look({ status: "failed", failure_category: "c" })).toMatchObject({ why: "c" });
    expect(await look({ status: "failed" })).not.toHaveProperty("why");
  });

  test("links what a browser may open, each once, without what could be a token", async () => {
    const { arga } = await look({
      environment_url: "https://env.example/?token=x",
      surface_urls: ["https://env.example/", "https://b.example/x#y", "javascript:alert(1)", 7],
      dashboard_url: "https://app.argalabs.com/runs/x?key=y",
    });
    expect(arga.links).toEqual([
      { label: "environment env.example", url: "https://env.example/" },
      { label: "b.example/x", url: "https://b.example/x" },
    ]);
    expect(arga.dashboardUrl).toBe("https://app.argalabs.com/runs/x");
    expect((await look({ surface_urls: ["https://b.example/"] })).arga.links).toEqual([
      { label: "b.example", url: "https://b.example/" },
    ]);
  });

  test.each([
    { step_summaries: STEPS },
    { step_summaries: JSON.stringify(STEPS) },
    { results_json: STEPS },
    { results_json: { results: STEPS } },
  ])("gives the steps of %j the keys that the stream gave them", async (body) => {
    const reader = new StepReader();
    const streamed = STEPS.flatMap(({ step, ...rest }, index) => [
      ...reader.read({ id: undefined, event: "step_started", data: { step, index } }).steps,
      ...reader.read({ id: undefined, event: "step", data: { step, ...rest, index, total: 3 } }).steps,
    ]);
    const { recap = [] } = await look(body);
    expect(recap.map(({ key }) => key)).toEqual([...new Set(streamed.map(({ key }) => key))]);
    const told = progressed(runIn("running"), streamed, NOW);
    expect(recapped(told, recap, NOW)).toBe(told);
  });

  test("tells what a stream that was lost did not, and what it said between is not told again", async () => {
    const reader = new StepReader();
    const streamed = ["Looking around", STEPS[0]].flatMap(
      (data) => reader.read({ id: undefined, event: "step", data }).steps,
    );
    const told = progressed(runIn("running"), streamed, NOW);
    const seen = await look({ status: "completed", results_json: ["Looking around", ...STEPS] });
    const run = observed(told, seen, NOW, REMIND_BEFORE);
    const steps = run.story?.steps ?? [];
    expect(steps.map(({ text, state }) => `${text} ${state}`)).toEqual([
      "Looking around note",
      "Open done",
      "Pay done",
      "Pay failed",
    ]);
  });

  test.each([[null], [42], ["text"], [{}], [{ steps: 7 }], [[null, 1, [], {}]]])(
    "whose results are %j finds no steps and goes on",
    async (results_json) => {
      expect(await look({ results_json, step_summaries: null })).toMatchObject({
        state: "running",
        recap: [],
      });
    },
  );

  test("of thousands of results keeps the record small", async () => {
    const results_json = Array.from({ length: 5_000 }, (_, n) => ({
      step: `Step ${n % 7}`,
      status: "passed",
      detail: "w".repeat(900),
    }));
    const run = observed(
      runIn("running"),
      await look({ status: "completed", results_json }),
      NOW,
      REMIND_BEFORE,
    );
    expect(JSON.stringify(run).length).toBeLessThan(200_000);
    expect(run.phase).toMatchObject({ name: "ended", outcome: "passed" });
  });
});

describe("its log", () => {
  test("has its steps, what its workers and its environment wrote, and why it failed", async () => {
    const lines = await logsOf(
      { step_summaries: STEPS, failure_detail: "Card refused" },
      {
        worker_logs: [
          {
            target_role: "browser",
            content: "open\r\n\nfailed to click\n0 failed, no error\n",
            error: "died",
          },
          { job_type: "build", content: null },
        ],
        runtime_logs: [
          {
            timestamp: "2026-10-01T12:00:00Z",
            service_name: "shop",
            severity: "ERROR",
            event: "http",
            message: "500",
          },
          { severity: "info" },
        ],
        warnings: ["slow"],
      },
    );
    expect(
      lines?.map(({ source = "-", text, isError }) => `${isError ? "! " : ""}${source}: ${text}`),
    ).toEqual([
      "step: Open: As expected",
      "step: Pay: As expected",
      "! step: Pay: Card refused",
      "browser: open",
      "! browser: failed to click",
      "browser: 0 failed, no error",
      "! browser: died",
      "warning: slow",
      "! shop: http: 500",
      "-: (no message)",
      "! failure: Card refused",
    ]);
    expect(lines?.find(({ source }) => source === "shop")?.at).toBe(NOW);
  });

  test("of which Arga has nothing is empty", async () => {
    expect(await logsOf({}, {})).toEqual([]);
    expect(await logsOf({}, { worker_logs: "x", runtime_logs: 7, warnings: null })).toEqual([]);
  });
});
