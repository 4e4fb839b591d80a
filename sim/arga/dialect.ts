/** Points on which the sources about Arga disagree or are silent. A client has to live with either answer. */
export interface Dialect {
  /** The last status after a teardown: observed live, or as the docs list it. Default `torn_down`. */
  tornDown?: "torn_down" | "cancelled";
  /** What a successful extend answers beside `status`. Default `ttl_minutes`. */
  extendReply?: "ttl_minutes" | "expires_at";
  /** `expired`: that status for ten simulated minutes, then 410. `gone`: 410 at once. Default `expired`. */
  afterExpiry?: "expired" | "gone";
  /** False: `/twin-runs` and `/twins` do not exist, only the legacy routes do. Default true. */
  canonicalTwinRuns?: boolean;
  /** False: `/test-runs` and `/tests` do not exist, only `/runner/…` and `/demo-runner/…` do. Default true. */
  canonicalTestRuns?: boolean;
  /** False: `/sandbox-runs` does not exist, only `/sandboxes` does. Default true. */
  canonicalSandboxRuns?: boolean;
  /** When the time to live starts; with `ready`, `expires_at` is null until then. Default `create`. */
  ttlFrom?: "create" | "ready";
  /** A used-up monthly quota: observed live, or as a summary of the docs has it. Default 403. */
  quotaStatus?: 403 | 429;
  /** Whether that refusal has a string or an object as `detail`. Default `string`. */
  quotaDetail?: "string" | "object";
  /** The word for a test run's success. Validation runs say `completed` in all sources. Default `complete`. */
  testSuccess?: "complete" | "completed";
  /** Whether test runs count their steps in `passed`, `failed`, `total` and `summary`. Default false. */
  testTotals?: boolean;
  /** What `/validate/pr-run` answers: as the SDKs read it, or as the CLI does. Default `json`. */
  prRun?: "json" | "stream";
  /** Whether `results_json` is a list of steps (docs) or an object with one (fixtures). Default `list`. */
  resultsJson?: "list" | "object";
  /** Whether events of a validation run have ids, and `Last-Event-ID` resumes after one. Default true. */
  streamIds?: boolean;
  /** Whether a last event named `done` says that the stream is over, or only its end does. Default `done`. */
  streamEnd?: "done" | "close";
  /** The status for a bad URL, a missing prompt, half of the credentials, or no target. Default 400. */
  inputRefusal?: 400 | 422;
  /** The status of `/validate/agent-run`, which was removed. Default 404. */
  agentRun?: 404 | 410;
  /** A twin run whose scenario nobody knows: taken, or refused with 404. Default `accepted`. */
  unknownScenario?: "accepted" | "refused";
}

export const defaultDialect: Required<Dialect> = {
  tornDown: "torn_down",
  extendReply: "ttl_minutes",
  afterExpiry: "expired",
  canonicalTwinRuns: true,
  canonicalTestRuns: true,
  canonicalSandboxRuns: true,
  ttlFrom: "create",
  quotaStatus: 403,
  quotaDetail: "string",
  testSuccess: "complete",
  testTotals: false,
  prRun: "json",
  resultsJson: "list",
  streamIds: true,
  streamEnd: "done",
  inputRefusal: 400,
  agentRun: 404,
  unknownScenario: "accepted",
};
