import { describe, expect, test } from "vitest";
import { arga, call, newest, queuedTest, start, TARGET, urlRun } from "./arga-here.ts";

// What no source describes, and clients have to survive all the same: chosen by words in the prompt.

async function finishedTest(prompt: string): Promise<unknown> {
  const { id } = await queuedTest({ prompt });
  arga.control.tests.finish(id);
  return (await call("GET", `/test-runs/${id}`)).body;
}

async function finishedValidation(prompt: string): Promise<unknown> {
  const { runId } = await urlRun({ prompt });
  arga.control.validations.finish(runId);
  return (await call("GET", `/runs/${runId}`)).body;
}

const bytesOf = (body: unknown) => Buffer.byteLength(JSON.stringify(body));
const field = (body: unknown, name: string): unknown => Reflect.get(Object(body), name);

describe("a run with", () => {
  test("huge results has over 5 MB of them, also in the list", async () => {
    await start();
    expect(bytesOf(await finishedTest("Give huge results"))).toBeGreaterThan(5_000_000);
    expect(bytesOf(await finishedValidation("Give huge results"))).toBeGreaterThan(5_000_000);
    expect(bytesOf((await call("GET", "/test-runs")).body)).toBeGreaterThan(5_000_000);
    // The page for people stays readable.
    expect(bytesOf((await call("GET", "/_sim")).body)).toBeLessThan(1_000_000);
  });

  test("empty results has none, although it went through", async () => {
    await start();
    expect(await finishedTest("empty results")).toMatchObject({ status: "complete", events_json: [] });
    expect(await finishedValidation("empty results")).toMatchObject({
      ...{ status: "completed", results_json: [], step_summaries: [], event_log_json: [] },
    });
  });

  test("an HTML error fails with a page for its text", async () => {
    await start({ speed: 400 });
    const [tested, validated] = [
      await queuedTest({ prompt: "html error" }),
      await urlRun({ prompt: "html error" }),
    ];
    await arga.until(() => tested.status === "failed" && validated.status === "failed");
    const page = expect.stringMatching(/^<!DOCTYPE html>[\s\S]*<script>/);
    expect((await call("GET", `/test-runs/${tested.id}`)).body).toMatchObject({ error_message: page });
    expect((await call("GET", `/runs/${validated.runId}`)).body).toMatchObject({ failure_detail: page });
  });

  test("an odd status is in it while it runs, and ends as others do", async () => {
    await start();
    const [tested, validated] = [
      await queuedTest({ prompt: "odd status" }),
      await urlRun({ prompt: "odd status" }),
    ];
    arga.control.tests.step(tested.id);
    arga.control.validations.step(validated.runId);
    const strange = { status: "awaiting_review" };
    expect((await call("GET", `/test-runs/${tested.id}`)).body).toMatchObject(strange);
    expect((await call("GET", `/runs/${validated.runId}`)).body).toMatchObject(strange);
    expect(validated.events.at(-1)?.data).toMatchObject(strange);
    arga.control.tests.finish(tested.id);
    expect((await call("GET", `/test-runs/${tested.id}`)).body).toMatchObject({ status: "complete" });
  });

  test("an odd end ends with a word that nobody knows", async () => {
    await start();
    expect(await finishedTest("odd end")).toMatchObject({ status: "superseded" });
    expect(await finishedValidation("odd end")).toMatchObject({ status: "superseded" });
    const stream = await call("GET", `/validate/${newest(arga.validations).runId}/results`);
    expect(stream.body).toMatch(/event: done\ndata: \{.*"superseded"\}\n\n$/);
  });

  test("odd events has them among its own", async () => {
    await start();
    const events = field(await finishedTest("odd events"), "events_json");
    expect(events).toEqual(expect.arrayContaining(["just text", null, 42, {}]));
    expect(events).toContainEqual(expect.objectContaining({ message: "Run complete" }));
    const log = field(await finishedValidation("odd events"), "event_log_json");
    expect(log).toEqual(expect.arrayContaining([{ type: "step", data: "just text" }, { type: "message" }]));
    const stream = await call("GET", `/validate/${newest(arga.validations).runId}/results`);
    expect(stream.body).toContain('event: step\ndata: "just text"\n\n');
    expect(stream.body).toContain("event: status\ndata: null\n\n");
  });

  test("several of these has them all, wherever it was started", async () => {
    await start();
    const prompt = "odd end with odd events";
    const elsewhere = arga.control.tests.start({ prompt, startUrl: TARGET });
    arga.control.tests.finish(elsewhere.id);
    await call("POST", "/tests", { name: "Odd", prompt, start_url: TARGET });
    await call("POST", `/tests/${newest(arga.savedTests).id}/run`);
    arga.control.tests.finish(newest(arga.testRuns).id);
    const runs = field((await call("GET", "/test-runs")).body, "runs");
    for (const run of [0, 1].map((index) => field(runs, String(index)))) {
      expect(run).toMatchObject({ status: "superseded", events_json: expect.arrayContaining([42]) });
    }
  });
});
