import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { callerOf } from "../../sim/arga/caller.ts";
import { dialectPoints } from "../../sim/arga/dialect.ts";
import { flagsOf, UsageError, usage } from "../../sim/arga/flags.ts";
import { arga, call, newest, start } from "./arga-here.ts";

const MAIN = new URL("../../sim/arga/main.ts", import.meta.url).pathname;
const open = { key: null };

describe("the surface for people", () => {
  async function startRun(): Promise<string> {
    await start();
    await call("POST", "/twin-runs", { twins: ["stripe"] });
    return newest(arga.runs).runId;
  }

  test("shows the state without a key, and is not in the log", async () => {
    const runId = await startRun();
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
    await startRun();
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
      await startRun();
      expect((await call("POST", "/_sim/faults", fault, open)).status).toBe(422);
    },
  );

  test.each([
    ["ready", "ready"],
    ["teardown", "cleaning_up"],
    ["expire", "expired"],
    ["fail", "failed"],
  ])("%s makes a run %s", async (act, status) => {
    const runId = await startRun();
    const answer = await call("POST", `/_sim/twin-runs/${runId}/${act}`, undefined, open);
    expect(answer).toMatchObject({ status: 200, body: { run_id: runId, status } });
    expect(arga.runs.get(runId)?.status).toBe(status);
  });

  test("fail takes a reason; an unknown act is 404", async () => {
    const runId = await startRun();
    expect((await call("POST", `/_sim/twin-runs/${runId}/explode`, undefined, open)).status).toBe(404);
    await call("POST", `/_sim/twin-runs/${runId}/fail`, { error: "no capacity" }, open);
    expect(arga.runs.get(runId)?.error).toBe("no capacity");
  });
});

describe("all kinds of runs, by hand", () => {
  const post = (path: string, body?: unknown) => call("POST", `/_sim/${path}`, body, open);
  const idOf = (body: unknown, name: string) => String(Reflect.get(Object(body), name));
  const idNames = new Map([
    ["test-runs", "id"],
    ["sandbox-runs", "sandbox_id"],
  ]);

  test.each([
    ["twin-runs", {}, ["ready", "lock", "teardown"], "cleaning_up"],
    ["test-runs", { prompt: "Buy" }, ["step", "finish"], "complete"],
    ["test-runs", { prompt: "Buy", start_url: "https://a.example" }, ["fail"], "failed"],
    ["test-runs", { prompt: "Buy" }, ["step", "cancel"], "cancelled"],
    ["sandbox-runs", { repo: "octo/shop" }, ["step", "finish", "expire"], "expired"],
    ["sandbox-runs", { repo: "octo/shop" }, ["cancel"], "cancelled"],
    ["validation-runs", { url: "https://a.example" }, ["step", "finish"], "completed"],
    ["validation-runs", { url: "https://a.example" }, ["fail"], "failed"],
  ])("%s start elsewhere and are moved: %o %o", async (kind, body, acts, status) => {
    const idName = idNames.get(kind) ?? "run_id";
    await start({ plan: "free", monthlyRuns: 0 });
    const started = await post(kind, body);
    expect(started).toMatchObject({ status: 200, body: { status: "queued" } });
    const id = idOf(started.body, idName);
    let last: unknown;
    for (const act of acts) last = (await post(`${kind}/${id}/${act}`)).body;
    expect(last).toMatchObject({ [idName]: id, status });
    expect((await post(`${kind}/${id}/toString`)).status).toBe(404);
    expect((await post(`${kind}/${crypto.randomUUID()}/fail`)).status).toBe(404);
    const overview = (await call("GET", "/_sim", undefined, open)).body;
    expect(overview).toMatchObject({ [kind.replace("-", "_")]: [{ [idName]: id, status }] });
  });

  test("an environment is made ready, or fails with a reason", async () => {
    await start({ plan: "free", monthlyRuns: 0 });
    const path = "/scenarios/preset-saas-billing/twin-environment";
    await call("POST", path);
    const ready = await post("environments/preset-saas-billing/ready");
    expect(ready.body).toMatchObject({ status: "ready" });
    const failed = await post("environments/preset-saas-billing/fail", { error: "no room" });
    expect(failed.body).toMatchObject({ status: "failed", error: "no room" });
  });

  test.each([
    ["test-runs", {}],
    ["sandbox-runs", { repo: "shop" }],
    ["validation-runs", { prompt: "x" }],
    ["twin-runs", { twins: [] }],
  ])("%s cannot be started with %o", async (kind, body) => {
    await start({ plan: "free", monthlyRuns: 0 });
    expect((await post(kind, body)).status).toBe(422);
  });

  test("streams are harmed by hand too", async () => {
    await start({ plan: "free", monthlyRuns: 0 });
    const fault = { route: "/results/", stream: { kind: "cut", afterEvents: 1 } };
    expect((await post("faults", fault)).body).toMatchObject({
      faults: [{ stream: { kind: "cut", afterEvents: 1 } }],
    });
    expect((await post("faults", { stream: { kind: "melt" } })).status).toBe(422);
    expect((await post("faults", { stream: { kind: "cut" }, status: 500 })).status).toBe(422);
  });

  test("every route is shown under a heading", async () => {
    await start({ plan: "free", monthlyRuns: 0 });
    expect(arga.routeGroups.flatMap(({ routes }) => routes)).toEqual(arga.routes);
    expect(new Set(arga.routes).size).toBe(arga.routes.length);
    expect(arga.routeGroups.map(({ title }) => title)).toContain("Scenarios");
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
    expect(text).toMatch(/\nSaved tests\n {2}GET \/tests\n/);
    expect(text).toContain("POST /test-runs/{run_id}/rerun");
    const url = /ARGA_API_URL=(\S+)/.exec(text)?.[1] ?? "";
    const { body } = await callerOf({ url, key: "arga_sk_flag" })("GET", "/auth/me");
    expect(body).toMatchObject({ billing_plan: "free" });
    const exited = once(program, "exit");
    program.kill(signal);
    expect(await exited).toEqual([0, null]);
  });

  test("refuses what makes no sense, says what would, and exits with 2", async () => {
    const { stderr } = run("--plan", "gold");
    let text = "";
    stderr?.on("data", (chunk) => {
      text += chunk;
    });
    const [code] = await once(program, "close");
    expect(code).toBe(2);
    expect(text).toContain("--plan is free or team or paid, not: gold");
    expect(text).toContain("--help");
  });
});

describe("the flags", () => {
  test("without any, a run is short enough to be watched", () => {
    expect(flagsOf([])).toEqual({ help: false, options: { provisionSeconds: 8, runSeconds: 30 } });
  });

  test("are all options, and every point of the dialect", () => {
    const line =
      "--port 8080 --speed 2 --provision-seconds 1 --cleanup-seconds 2 --run-seconds 3 --heartbeat-seconds 0" +
      " --monthly-runs 4 --provisions 5 --plan free --key arga_sk_x --no-examples --help" +
      " --dialect createdStatus=201 --dialect tornDown=cancelled --dialect streamIds=false";
    expect(flagsOf(line.split(" "))).toEqual({
      help: true,
      options: {
        ...{ port: 8080, speed: 2, provisionSeconds: 1, cleanupSeconds: 2, runSeconds: 3 },
        ...{ heartbeatSeconds: 0, monthlyRuns: 4, provisions: 5, plan: "free", key: "arga_sk_x" },
        examples: false,
        dialect: { createdStatus: 201, tornDown: "cancelled", streamIds: false },
      },
    });
  });

  test("every value of the dialect is taken, and is in the help", () => {
    for (const [name, { values }] of Object.entries(dialectPoints)) {
      for (const value of values) {
        const { options } = flagsOf(["--dialect", `${name}=${value}`]);
        expect(options.dialect).toEqual({ [name]: value });
      }
      expect(usage()).toContain(`${name}=${values.join("|")}`);
    }
  });

  test.each<[string, RegExp]>([
    ["--colour red", /Unknown option '--colour'[\s\S]*--dialect, --no-examples/],
    ["stray", /stray/],
    ["--speed fast", /--speed is a number from 0.02 to/],
    ["--speed 0.01", /--speed is/],
    ["--port 70000", /--port is a whole number from 0 to 65535/],
    ["--provisions 1.5", /--provisions is a whole number/],
    ["--run-seconds=", /--run-seconds is/],
    ["--key=", /--key is a word/],
    ["--dialect tornDown=gone", /tornDown is torn_down or cancelled, not: gone/],
    ["--dialect tornDown", /tornDown is torn_down or cancelled/],
    ["--dialect torndown=cancelled", /name=value, not: torndown=cancelled\nThe names are: tornDown,/],
    ["--dialect toString=1", /The names are/],
  ])("%s is refused with what would work", (line, message) => {
    const refused = () => flagsOf(line.split(" "));
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(message);
  });
});
