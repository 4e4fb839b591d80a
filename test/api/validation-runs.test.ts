import { afterEach, describe, expect, test } from "vitest";
import { type Arga, type ArgaOptions, startArga } from "../../sim/arga/server.ts";
import { ArgaClient } from "../../src/api/client.ts";
import { all } from "./support/server.ts";

/** The operations that the SDKs call `client.runs`, and what belongs to them, against the local Arga. */

let arga: Arga;
let client: ArgaClient;

async function start(options: ArgaOptions = {}): Promise<void> {
  arga = await startArga({ provisionSeconds: 3_600, runSeconds: 3_600, ...options });
  client = new ArgaClient({ url: arga.url, key: arga.key });
}

afterEach(async () => {
  await client.destroy();
  await arga.close();
});

const asked = () => arga.requests.map(({ route }) => route);
const ADDRESS = "https://staging.myapp.com";

describe("validation runs", () => {
  test("a URL run: create, get, logs", async () => {
    await start();
    const { run_id } = await client.validationRuns.createUrlRun({
      url: ADDRESS,
      prompt: "Look around",
      twins: ["stripe"],
      credentials: { email: "test@example.com", password: "pass" },
      runner_mode: "visual",
      session_id: "abc-123",
    });
    arga.control.validations.finish(run_id);
    const done = await client.validationRuns.get(run_id);
    expect(done).toMatchObject({
      id: run_id,
      status: "completed",
      run_type: "url_run",
      session_id: "abc-123",
    });
    expect(done.results_json).toEqual([
      { step: "Look around", status: "passed", detail: expect.any(String) },
    ]);
    expect(done.step_summaries?.[0]).toMatchObject({ status: "passed" });
    const logs = await client.validationRuns.logs(run_id);
    expect(logs.worker_logs?.[0]).toMatchObject({ job_type: "url_run" });
    expect(logs.runtime_logs?.[0]).toMatchObject({ severity: "info" });
  });

  test.each(["json", "stream"] as const)("a PR run and an agent run, answered as %s", async (prRun) => {
    await start({ dialect: { prRun } });
    const pr = await client.validationRuns.createPrRun({ repo: "a/b", branch: "main", session_id: "s1" });
    const agent = await client.validationRuns.createAgentRun({ repo: "a/b", branch: "main" });
    expect(pr).toMatchObject({ status: prRun === "json" ? "queued" : "generating_story", session_id: "s1" });
    expect((await client.validationRuns.get(pr.run_id)).run_type).toBe("pr");
    expect((await client.validationRuns.get(agent.run_id)).run_type).toBe("agent_run");
  });

  test("cancel ends one, and its stream", async () => {
    await start();
    const { run_id } = await client.validationRuns.createUrlRun({ url: ADDRESS });
    const reading = all(client.validationRuns.results(run_id));
    await arga.until(() => asked().some((route) => route.endsWith("/results")));
    expect(await client.validationRuns.cancel(run_id)).toEqual({ status: "cancelled" });
    expect((await reading).at(-1)).toMatchObject({ data: { status: "cancelled" } });
  });

  test.each([
    ["nothing", undefined],
    ["cut", { kind: "cut", afterEvents: 2 }],
    ["cut in a line", { kind: "cut-line", afterEvents: 1 }],
    ["cut in a character", { kind: "cut-character", afterEvents: 1 }],
    ["ended early", { kind: "end", afterEvents: 2 }],
    ["CRLF", { kind: "crlf" }],
    ["single bytes", { kind: "bytes" }],
    ["data of many lines", { kind: "multiline" }],
  ] as const)("its results come once each and in order: %s", async (_, stream) => {
    await start();
    const { run_id } = await client.validationRuns.createUrlRun({
      url: ADDRESS,
      prompt: "See this, then that",
    });
    if (stream) arga.fault({ route: "GET /validate/{run_id}/results", times: 1, stream });
    const reading = all(client.validationRuns.results(run_id));
    await arga.until(() => asked().some((route) => route.endsWith("/results")));
    arga.control.validations.finish(run_id);
    const events = await reading;
    const states = events.flatMap(({ event, data }) =>
      event === "step" ? [(data as { index: number }).index] : [],
    );
    expect(states).toEqual([1, 2]);
    expect(
      events.filter(({ event }) => event === "status").map(({ data }) => (data as { status: string }).status),
    ).toEqual(["queued", "running", "completed"]);
  });

  test("garbage in a stream is an event whose data is text", async () => {
    await start();
    const { run_id } = await client.validationRuns.createUrlRun({ url: ADDRESS });
    arga.fault({ route: "GET /validate/{run_id}/results", stream: { kind: "garbage", afterEvents: 1 } });
    arga.control.validations.finish(run_id);
    const events = await all(client.validationRuns.results(run_id));
    expect(events.filter(({ data }) => typeof data === "string")).toHaveLength(1);
  });
});
