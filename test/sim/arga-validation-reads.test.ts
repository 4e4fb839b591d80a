import { describe, expect, test } from "vitest";
import { arga, call, prRun, start, urlRun } from "./arga-here.ts";

describe("one run", () => {
  test.each(["/runs/ID", "/runs/ID/logs", "/validate/ID/results"])("GET %s: 401, 400, 404", async (path) => {
    await start();
    const at = (id: string) => path.replace("ID", id);
    expect((await call("GET", at(crypto.randomUUID()), undefined, { key: null })).status).toBe(401);
    expect((await call("GET", at("nope"))).status).toBe(400);
    expect((await call("GET", at(crypto.randomUUID()))).status).toBe(404);
  });

  test("/runs shows twin runs too", async () => {
    await start();
    await call("POST", "/twin-runs", { twins: ["stripe"] });
    const [id = ""] = arga.runs.keys();
    arga.control.ready(id);
    expect((await call("GET", `/runs/${id}`)).body).toMatchObject({
      ...{ id, run_id: id, status: "ready", run_type: "twin_quickstart", twins: ["stripe"] },
    });
  });

  test("has logs", async () => {
    await start();
    const run = await urlRun();
    arga.control.validations.finish(run.runId);
    expect((await call("GET", `/runs/${run.runId}/logs`)).body).toMatchObject({
      run: { id: run.runId },
      worker_logs: [
        {
          job_id: expect.any(String),
          job_type: "url_run",
          target_role: "browser",
          status: "completed",
          content: "passed: Sign in\npassed: buy a shirt",
          truncated: false,
          error: null,
        },
      ],
      runtime_logs: [
        {
          timestamp: expect.any(String),
          service_name: "runner",
          severity: "info",
          event: "step",
          message: "As expected ✓",
        },
        {},
      ],
      warnings: [],
    });
  });

  test("is cancelled once; so is a twin run", async () => {
    await start();
    const run = await urlRun();
    const path = `/validate/${run.runId}/cancel`;
    expect((await call("POST", path, { reason: "x" })).status).toBe(422);
    expect((await call("POST", path)).body).toEqual({ status: "cancelled" });
    expect(run.status).toBe("cancelled");
    expect((await call("POST", path)).status).toBe(400);
    expect((await call("POST", "/validate/nope/cancel")).status).toBe(400);
    expect((await call("POST", `/validate/${crypto.randomUUID()}/cancel`)).status).toBe(404);
  });

  test("has artifacts, for which the key may be in the query, though not in the log", async () => {
    await start();
    const run = await urlRun();
    arga.control.validations.finish(run.runId);
    const base = `/validate/${run.runId}/artifacts`;
    const open = { key: null };
    expect((await call("GET", `${base}/results.json`)).body).toMatchObject([{ step: "Sign in" }, {}]);
    const { body } = await call("GET", `${base}/events.log?token=${arga.key}`, undefined, open);
    expect(body).toContain("step {");
    expect((await call("GET", `${base}/events.log?token=other`, undefined, open)).status).toBe(401);
    expect((await call("GET", `${base}/events.log`, undefined, open)).status).toBe(401);
    expect((await call("GET", `/runs/${run.runId}?token=${arga.key}`, undefined, open)).status).toBe(401);
    expect((await call("GET", `${base}/nope.png`)).status).toBe(404);
    expect(JSON.stringify(arga.requests)).not.toContain(arga.key);
  });

  test("takes feedback", async () => {
    await start();
    const run = await urlRun();
    expect((await call("POST", `/validate/${run.runId}/feedback`, { any: 1 })).status).toBe(200);
    expect((await call("POST", `/validate/${crypto.randomUUID()}/feedback`)).status).toBe(404);
  });
});

describe("the history", () => {
  test("pages through the runs of repositories, newest first", async () => {
    await start();
    await urlRun();
    const first = await prRun({ pr_url: "https://github.com/octo/shop/pull/42" });
    const second = await prRun();
    await prRun({ repo: "octo/other" });
    expect((await call("GET", "/validation/runs?repo=octo/shop&limit=1")).body).toEqual({
      items: [
        {
          run_id: second.runId,
          status: "queued",
          repo: "octo/shop",
          pr_number: null,
          branch: "main",
          created_at: expect.any(String),
        },
      ],
      limit: 1,
      offset: 0,
      has_more: true,
      total: 2,
    });
    expect((await call("GET", "/validation/runs?repo=octo/shop&limit=1&offset=1")).body).toMatchObject({
      items: [{ run_id: first.runId, pr_number: 42 }],
      has_more: false,
    });
    expect((await call("GET", "/validation/runs")).body).toMatchObject({ total: 3, limit: 20 });
  });

  test.each(["limit=0", "limit=101", "limit=x", "limit=", "offset=-1"])("refuses %s", async (query) => {
    await start();
    expect((await call("GET", `/validation/runs?${query}`)).status).toBe(422);
  });
});

describe("beside the runs", () => {
  test("an address is probed for twins", async () => {
    await start();
    const { body } = await call("POST", "/validate/url/probe", { url: "https://stripe.example.com/slack" });
    expect(body).toEqual({ url: expect.any(String), twins: ["stripe", "slack"] });
    expect((await call("POST", "/validate/url/probe", { url: "http://localhost" })).status).toBe(400);
  });

  test("repositories are installed, configured and listed", async () => {
    await start();
    const repo = "octo/shop";
    const path = "/validation/github/config";
    const query = `?repo=${repo}&trigger_mode=branch`;
    expect((await call("GET", path + query)).body).toEqual({
      ...{ repo, installed: false, installation_id: null, enabled: false, trigger_mode: "branch" },
      ...{ branch: null, default_branch: "main", comment_on_pr: false },
    });
    const set = { repo, trigger_mode: "branch", comment_on_pr: true, branch: "dev" };
    expect((await call("POST", path, set)).body).toMatchObject({ installed: true, branch: "dev" });
    const { body } = await call("POST", "/validation/github/install", { repo });
    expect(body).toEqual({ repo, webhook_id: expect.any(Number), enabled: true });
    await call("PATCH", path, { repo, trigger_mode: "pr", enabled: false });
    const enabled = await call("GET", "/validation/github/enabled");
    expect(enabled.body).toMatchObject([{ repo, trigger_mode: "branch", comment_on_pr: true }]);
    expect((await call("GET", path)).status).toBe(422);
    expect((await call("GET", `${path}?repo=${repo}&trigger_mode=x`)).status).toBe(422);
  });
});
