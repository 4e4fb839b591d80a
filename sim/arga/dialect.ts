interface Point {
  /** The first is the default. */
  values: readonly (string | number | boolean)[];
  about: string;
}

/** Where the sources on Arga disagree or are silent (docs/references/arga-api.md). A client must live with any answer. */
export const dialectPoints = {
  tornDown: {
    values: ["torn_down", "cancelled"],
    about: "last status after a teardown: observed live, or as the docs list it",
  },
  cancelled: {
    values: ["cancelled", "canceled"],
    about: "how that status is spelt: the docs' way, or as defensive code of the SDKs expects it too",
  },
  extendReply: {
    values: ["ttl_minutes", "expires_at"],
    about: "what a successful extend answers beside status",
  },
  extendFrom: {
    values: ["now", "end"],
    about: "what the minutes of an extend are added to: now (docs), or the end so far (words of the CLI)",
  },
  afterExpiry: {
    values: ["expired", "gone"],
    about: "expired: that status for ten simulated minutes, then 410; gone: 410 at once",
  },
  canonicalTwinRuns: { values: [true, false], about: "whether /twin-runs and /twins exist" },
  canonicalTestRuns: { values: [true, false], about: "whether /test-runs and /tests exist" },
  canonicalSandboxRuns: { values: [true, false], about: "whether /sandbox-runs exists" },
  ttlFrom: {
    values: ["create", "ready"],
    about: "when the time to live starts; with ready, expires_at is null until then",
  },
  defaultTtl: { values: [60, 30], about: "minutes of a run for which none were asked (Free: always 10)" },
  catalogKey: { values: [true, false], about: "whether GET /twins asks for a key" },
  createdStatus: { values: [200, 201, 202], about: "HTTP status of what was created" },
  createReply: {
    values: ["status", "run_id"],
    about: "whether the answer to a new twin run has its status too, or its id alone (docs)",
  },
  optionalFields: {
    values: ["shown", "absent"],
    about: "fields of twin runs and validation runs of which a source says that they may be absent",
  },
  envVars: { values: ["filled", "empty"], about: "variables of twins; that they were empty was seen live" },
  dashboardUrl: { values: ["runs", "validate"], about: "the path in dashboard_url before the id" },
  quotaStatus: {
    values: [403, 429],
    about: "a used-up monthly quota: observed live, or as a summary of the docs has it",
  },
  quotaDetail: { values: ["string", "object"], about: "the form of that refusal's detail" },
  errorField: { values: ["detail", "message"], about: "where a refusal has its words" },
  schemaDetail: { values: ["list", "string"], about: "the form of detail in a 422 for a malformed body" },
  inputRefusal: {
    values: [400, 422],
    about: "status for a bad URL, a missing prompt, half of the credentials, or no target",
  },
  testSuccess: { values: ["complete", "completed"], about: "the word for a test run's success" },
  testTotals: {
    values: [false, true],
    about: "whether test runs count their steps in passed, failed, total and summary",
  },
  prRun: { values: ["json", "stream"], about: "/validate/pr-run as the SDKs read it, or as the CLI does" },
  artifacts: {
    values: ["none", "list", "fields", "steps"],
    about: "pictures of what a run saw: in no answer (docs), or in one of three forms that are guesses",
  },
  resultsJson: { values: ["list", "object"], about: "results_json: a list of steps, or an object with one" },
  branchField: { values: ["branch", "git_branch"], about: "the branch of a validation run" },
  streamIds: { values: [true, false], about: "whether events have ids, and Last-Event-ID resumes after one" },
  streamEnd: {
    values: ["done", "close"],
    about: "whether a last event named done says that the stream is over, or only its end does",
  },
  agentRun: { values: [404, 410], about: "status of /validate/agent-run, which was removed" },
  unknownScenario: {
    values: ["refused", "accepted"],
    about: "a twin run with a scenario_id that nobody knows: 404 as everywhere else, or taken",
  },
} as const satisfies Record<string, Point>;

type Points = typeof dialectPoints;

export type Dialect = { [Name in keyof Points]?: Points[Name]["values"][number] };

export const defaultDialect = Object.fromEntries(
  Object.entries(dialectPoints).map(([name, { values }]) => [name, values[0]]),
) as Required<Dialect>;
