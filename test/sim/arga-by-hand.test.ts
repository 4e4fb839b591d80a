import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { type Caller, callerOf } from "../../sim/arga/caller.ts";
import { type Arga, startArga } from "../../sim/arga/server.ts";

const MAIN = new URL("../../sim/arga/main.ts", import.meta.url).pathname;
const open = { key: null };

describe("the surface for people", () => {
  let arga: Arga;
  let call: Caller;

  async function start(): Promise<string> {
    arga = await startArga();
    call = callerOf(arga);
    await call("POST", "/twin-runs", { twins: ["stripe"] });
    const [runId] = arga.runs.keys();
    return String(runId);
  }

  afterEach(() => arga.close());

  test("shows the state without a key, and is not in the log", async () => {
    const runId = await start();
    const { status, body } = await call("GET", "/_sim", undefined, open);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      settings: { speed: 1, plan: "team" },
      twin_runs: [{ run_id: runId, status: "queued" }],
      faults: [],
      requests: [{ route: "POST /twin-runs" }],
    });
    expect(JSON.stringify(body)).not.toContain(arga.key);
    expect(arga.requests).toHaveLength(1);
  });

  test("switches faults on and off, and is not struck by them", async () => {
    await start();
    const fault = { route: "/twin-runs/", status: 503, times: 5 };
    const added = await call("POST", "/_sim/faults", fault, open);
    expect(added).toMatchObject({ status: 200, body: { faults: [{ status: 503, seen: 0, struck: 0 }] } });
    expect((await call("POST", "/twin-runs", { twins: ["stripe"] })).status).toBe(503);
    await call("POST", "/_sim/faults", { action: "reset" }, open);
    expect((await call("DELETE", "/_sim/faults", undefined, open)).body).toEqual({ cleared: 2 });
    expect((await call("POST", "/twin-runs", { twins: ["stripe"] })).status).toBe(200);
  });

  test.each([{ status: 503, tims: 5 }, { route: "/(/", status: 503 }, { action: "respond" }])(
    "refuses the fault %o",
    async (fault) => {
      await start();
      expect((await call("POST", "/_sim/faults", fault, open)).status).toBe(422);
    },
  );

  test.each([
    ["ready", "ready"],
    ["teardown", "cleaning_up"],
    ["expire", "expired"],
    ["fail", "failed"],
  ])("%s makes a run %s", async (act, status) => {
    const runId = await start();
    const answer = await call("POST", `/_sim/twin-runs/${runId}/${act}`, undefined, open);
    expect(answer).toMatchObject({ status: 200, body: { run_id: runId, status } });
    expect(arga.runs.get(runId)?.status).toBe(status);
  });

  test("fail takes a reason; an unknown act is 404", async () => {
    const runId = await start();
    expect((await call("POST", `/_sim/twin-runs/${runId}/explode`, undefined, open)).status).toBe(404);
    await call("POST", `/_sim/twin-runs/${runId}/fail`, { error: "no capacity" }, open);
    expect(arga.runs.get(runId)?.error).toBe("no capacity");
  });
});

describe("the program", () => {
  let program: ChildProcess;

  function run(...flags: string[]): ChildProcess {
    program = spawn(process.execPath, ["--import", "tsx", MAIN, ...flags]);
    return program;
  }

  /** What the program has written when the pattern is in it. */
  async function written(pattern: RegExp): Promise<string> {
    let text = "";
    for await (const chunk of program.stdout ?? []) {
      text += chunk;
      if (pattern.test(text)) return text;
    }
    throw new Error(`the program ended without ${pattern}: ${text}`);
  }

  afterEach(() => {
    program.kill("SIGKILL");
  });

  test.each(["SIGINT", "SIGTERM"] as const)("says how to use it, serves, and ends on %s", async (signal) => {
    run("--key", "arga_sk_flag", "--speed", "60", "--plan", "free");
    const text = await written(/Ctrl-C/);
    expect(text).toContain("POST /twin-runs/{run_id}/extend");
    expect(text).toContain("/_sim/faults");
    const url = /ARGA_API_URL=(\S+)/.exec(text)?.[1] ?? "";
    const { body } = await callerOf({ url, key: "arga_sk_flag" })("GET", "/auth/me");
    expect(body).toMatchObject({ billing_plan: "free" });
    const exited = once(program, "exit");
    program.kill(signal);
    expect(await exited).toEqual([0, null]);
  });

  test.each([
    ["--plan", "gold"],
    ["--speed", "fast"],
    ["--colour", "red"],
  ])("refuses %s %s with its usage", async (flag, value) => {
    const { stderr } = run(flag, value);
    let text = "";
    stderr?.on("data", (chunk) => {
      text += chunk;
    });
    const [code] = await once(program, "close");
    expect(code).toBe(1);
    expect(text).toContain("Usage:");
  });
});
