import { afterEach } from "vitest";
import { type Caller, callerOf } from "../../sim/arga/caller.ts";
import {
  type Arga,
  type ArgaOptions,
  type Sandbox,
  startArga,
  type TestRun,
  type TwinRun,
  type Validation,
} from "../../sim/arga/server.ts";

/** The Arga of the test that runs, and a client of it; each test starts its own with `start`. */
export let arga: Arga;
export let call: Caller;

export const TARGET = "https://staging.example.com";
export const URL_RUN = { url: "https://example.com", prompt: "Sign in, buy a shirt" };
export const PR_RUN = { repo: "octo/shop", branch: "main" };
export const SANDBOX = { repo: "octo/shop", branch: "main", twins: ["stripe", "slack"] };

export async function start(options: ArgaOptions = {}): Promise<void> {
  arga = await startArga(options);
  call = callerOf(arga);
}

afterEach(() => arga?.close());

/** @throws Error when nothing was created. */
export function newest<T>(records: Map<string, T>): T {
  const found = [...records.values()].at(-1);
  if (!found) throw new Error("nothing was created");
  return found;
}

// What these start is queued, and does not move by itself within a test unless Arga is told to be fast.

export async function queuedTwins(body: object = {}): Promise<TwinRun> {
  await call("POST", "/twin-runs", { twins: ["stripe", "slack"], ...body });
  return newest(arga.runs);
}

export async function readyTwins(body: object = {}): Promise<TwinRun> {
  const run = await queuedTwins(body);
  arga.control.ready(run.runId);
  return run;
}

export async function queuedTest(body: object = {}): Promise<TestRun> {
  await call("POST", "/test-runs", { prompt: "Buy a shirt", start_url: TARGET, ...body });
  return newest(arga.testRuns);
}

export async function queuedSandbox(body: object = {}): Promise<Sandbox> {
  await call("POST", "/sandbox-runs", { ...SANDBOX, ...body });
  return newest(arga.sandboxes);
}

export async function urlRun(body: object = {}): Promise<Validation> {
  await call("POST", "/validate/url-run", { ...URL_RUN, ...body });
  return newest(arga.validations);
}

export async function prRun(body: object = {}): Promise<Validation> {
  await call("POST", "/validate/pr-run", { ...PR_RUN, ...body });
  return newest(arga.validations);
}
