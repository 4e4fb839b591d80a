import * as z from "zod";
import { at, Generations, plain } from "./paths.ts";
import {
  address,
  anything,
  freeForm,
  id,
  jsonListOf,
  label,
  listUnder,
  prompt,
  renamed,
  status,
  text,
  withWhole,
  word,
} from "./shapes.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** Where and with what a test runs: fields that create, rerun and a saved test's run share. */
export interface TestTarget {
  /** Absolute http(s). */
  start_url?: string;
  /** A ready sandbox of one's own, otherwise 409; its app is tested. */
  sandbox_id?: string;
  twins?: string[];
  /** `owner/repo`. */
  repo?: string;
  branch?: string;
  pr_url?: string;
  scenario_id?: string;
  scenario_prompt?: string;
  /** Presumably 1–480; no source says. */
  ttl_minutes?: number;
  /** The CLI sends `pr` for a pull request; other values are not known. */
  trigger_source?: string;
}

/** Needs a `start_url`, a `sandbox_id`, or a URL in the prompt (docs/references/arga-api.md#creating-a-test-run). */
export interface CreateTestRun extends TestTarget {
  /** 1–20,000 characters. */
  prompt: string;
  /** Replays this instead of recording anew; handed on as it is (docs/references/arga-api.md#test-config). */
  test_config?: Record<string, unknown>;
}

/** Section 9.5; all of it may be left out. */
interface RerunTestRun extends TestTarget {
  prompt?: string;
}

const event = z.object({ timestamp: word, type: label, message: text });

/** The shape that create, get, rerun, message and a saved test's run answer with. */
export const testRun = z.preprocess(
  // The object has `id`; the CLI takes a `run_id` on create as well.
  (value) => withWhole(renamed("id", "run_id")(value)),
  z.object({
    id,
    status,
    mode: word,
    source_run_id: word,
    start_url: address,
    prompt,
    sandbox_id: word,
    test_config_json: freeForm,
    events_json: jsonListOf(event),
    error_message: text,
    created_at: word,
    updated_at: word,
    /** In no source; twin runs have one. */
    dashboard_url: address,
    // Named by a generated page that says neither their shapes nor where they stand.
    passed: anything,
    failed: anything,
    total: anything,
    summary: anything,
    whole: anything,
  }),
);

/** A test run (docs/references/arga-api.md#the-test-run). `complete` and `completed` both occur, and words never seen. */
export type TestRun = z.infer<typeof testRun>;
/** A line of a run's log. */
export type TestEvent = z.infer<typeof event>;

/** Test runs, under `/test-runs`, or the older paths. Methods throw {@link ArgaError}. */
export class TestRuns {
  readonly #transport: Transport;
  readonly #paths = new Generations(["/test-runs", "/runner/runs", "/demo-runner/runs"]);

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Asynchronous: `queued` at first. A sandbox that is not ready is a 409. */
  create(body: CreateTestRun, signal?: AbortSignal): Promise<TestRun> {
    return this.#paths.collection((path) =>
      this.#transport.request({
        method: "POST",
        ...plain(path),
        body: { ...body },
        schema: testRun,
        signal,
      }),
    );
  }

  /** All that there are; no paging and no order is documented. Runs that cannot be read are left out. */
  list(signal?: AbortSignal): Promise<TestRun[]> {
    const schema = listUnder("runs", testRun);
    return this.#paths.collection((path) =>
      this.#transport.request({ method: "GET", ...plain(path), schema, signal }),
    );
  }

  /** @throws {ArgaNotFound} also for somebody else's. */
  get(id: string, signal?: AbortSignal): Promise<TestRun> {
    return this.#one("", id, { method: "GET", schema: testRun, signal });
  }

  /** Replays the run's saved TestConfig as a new run. */
  rerun(id: string, body: RerunTestRun = {}, signal?: AbortSignal): Promise<TestRun> {
    return this.#one("/rerun", id, { method: "POST", body: { ...body }, schema: testRun, signal });
  }

  #one<T>(
    rest: string,
    id: string,
    request: Pick<RequestOptions<T>, "method" | "body" | "schema" | "signal">,
  ): Promise<T> {
    return this.#paths.one((path) =>
      this.#transport.request({ ...at(`${path}/{id}${rest}`, id), ...request }),
    );
  }
}
