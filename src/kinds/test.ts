import * as z from "zod";
import type { ArgaClient } from "../api/client.ts";
import { GOING_ON, isOver } from "../api/statuses.ts";
import type { CreateTestRun, TestRun } from "../api/test-runs.ts";
import { logOf, stepCountOf } from "../api/test-steps.ts";
import type { ActionRequest, ArgaRun, Outcome, Run } from "../runs/run.ts";
import type { Observation } from "../runs/transitions.ts";
import { type CommandGrammar, type Line, shown, UsageError } from "./grammar.ts";
import type { KindDefinition, ListedRun, LogLine, Lookups } from "./kind.ts";
import { proofOf } from "./proof.ts";
import {
  addressFirst,
  branchOf,
  dashboardOf,
  flagged,
  fullAddress,
  instantOf,
  isFullAddress,
  isSameAddress,
  looksLikeAddress,
  pageLink,
  pageTitle,
  promptBeyondTitle,
  quoted,
  repoOf,
  taskTitle,
  twinNames,
  typed,
  WHOLE,
  webAddress,
} from "./targets.ts";
import { isFailureType, stepsIn } from "./test-steps.ts";

/** A browser agent that tries something out (docs/references/arga-api.md#test-runs): ad hoc, saved, or once more. */
const testSpec = z.object({
  url: z.string().optional(),
  prompt: z.string().optional(),
  twins: z.array(z.string()).optional(),
  repo: z.string().optional(),
  branch: z.string().optional(),
  sandboxId: z.string().optional(),
  /** A saved test is run. */
  saved: z.object({ id: z.string(), name: z.string().optional() }).optional(),
  /** Arga's id of a run whose recorded steps are replayed. */
  replays: z.string().optional(),
});

type TestSpec = z.infer<typeof testSpec>;

const EXAMPLE = '/arga test https://shop.example.com "a guest can check out"';

const adHoc: CommandGrammar = {
  name: "test",
  operands: "URL WHAT TO TEST…",
  says: "Have a browser agent try something on a web page and report what it finds.",
  isText: true,
  flags: {
    twins: { value: true, hint: "a,b", says: "twins the page uses" },
    repo: { value: true, hint: "o/r", says: "the repository it's about" },
    branch: { value: true, hint: "b", says: "the branch it's about" },
    sandbox: { value: true, hint: "ID", says: "test that sandbox's app instead of a URL" },
  },
  examples: [
    EXAMPLE,
    '/arga test https://shop.example.com "pay with a declined card" --twins stripe',
    '/arga test "sign up and log out" --sandbox k7m2qx',
  ],
};

const saved: CommandGrammar = {
  name: "run",
  operands: "TEST [URL]",
  says: "Run a saved test, by id or name, on another page if you like. `/arga tests` lists them.",
  flags: {},
  examples: ['/arga run "Guest checkout"', "/arga run TEST_ID https://staging.example.com"],
};

function parseAdHoc(line: Line): TestSpec {
  const sandboxId = line.flags.get("sandbox");
  // A sandbox has a page of its own: an address further on is part of what is to be tested.
  const words = sandboxId === undefined ? addressFirst(line.words, line.links) : line.words;
  const [typedFirst = "", ...rest] = words;
  const first = fullAddress(typedFirst, line.links);
  const hasUrl = sandboxId === undefined || looksLikeAddress(first);
  const task = looksLikeAddress(first) ? rest : words;
  const url = hasUrl && first !== "" ? webAddress(first, exampleFor(task)) : undefined;
  const prompt = (hasUrl ? rest : words).join(" ").trim();
  if (url === undefined && sandboxId === undefined)
    throw new UsageError("Which page should I test? Give its URL, and say what to test.", EXAMPLE);
  if (prompt === "") throw new UsageError("What should I test? Add it after the URL.", exampleOn(url));
  return { prompt, ...(url ? { url } : {}), ...(sandboxId ? { sandboxId } : {}), ...surroundings(line) };
}

const exampleFor =
  (task: readonly string[]) =>
  (url: string): string =>
    `/arga test ${typed(url)} ${quoted(task.join(" ") || "a guest can check out")}`;

const exampleOn = (url: string | undefined): string =>
  url ? `/arga test ${typed(url)} "a guest can check out"` : EXAMPLE;

function surroundings(line: Line): Pick<TestSpec, "twins" | "repo" | "branch"> {
  const twins = twinNames([line.flags.get("twins") ?? ""], `${EXAMPLE} --twins stripe`);
  const repo = line.flags.get("repo");
  const branch = line.flags.get("branch");
  return {
    ...(twins.length > 0 ? { twins } : {}),
    ...(repo ? { repo: repoOf(repo, `${EXAMPLE} --repo acme/shop`) } : {}),
    ...(branch ? { branch: branchOf(branch, `${EXAMPLE} --branch main`) } : {}),
  };
}

/** The words before or after an address, or all of them, are what it's called. */
function parseSaved(line: Line): TestSpec {
  const words = line.words.map((word) => fullAddress(word, line.links));
  const isAddress = (word: string, index: number): boolean =>
    isFullAddress(word) || (index > 0 && index === words.length - 1 && looksLikeAddress(word));
  const url = words.find(isAddress);
  const id = line.words.filter((_, index) => words[index] !== url).join(" ");
  const example = "/arga tests";
  if (id === "")
    throw new UsageError("Which saved test? Give its id or name. `/arga tests` lists them.", example);
  if (id.length > 150)
    throw new UsageError(`${shown(id)} can't be the id of a test. \`/arga tests\` lists them.`, example);
  const address =
    url === undefined ? undefined : webAddress(url, (fixed) => `/arga run ${quoted(id)} ${typed(fixed)}`);
  return { saved: { id }, ...(address ? { url: address } : {}) };
}

async function start(
  arga: ArgaClient,
  spec: TestSpec,
  signal: AbortSignal,
): Promise<Pick<ArgaRun, "id" | "status">> {
  const made = await create(arga, spec, signal);
  return { id: made.id, status: made.status };
}

function create(arga: ArgaClient, spec: TestSpec, signal: AbortSignal): Promise<TestRun> {
  const where = spec.url ? { start_url: spec.url } : {};
  if (spec.replays) return arga.testRuns.rerun(spec.replays, {}, signal);
  if (spec.saved) return arga.tests.run(spec.saved.id, where, signal);
  const body: CreateTestRun = {
    prompt: spec.prompt ?? "",
    ...where,
    ...(spec.sandboxId ? { sandbox_id: spec.sandboxId } : {}),
    ...(spec.twins ? { twins: spec.twins } : {}),
    ...(spec.repo ? { repo: spec.repo } : {}),
    ...(spec.branch ? { branch: spec.branch } : {}),
  };
  return arga.testRuns.create(body, signal);
}

/** What was tested becomes a saved test of that name. */
async function save(
  arga: ArgaClient,
  argaRun: ArgaRun,
  { name }: ActionRequest,
  signal: AbortSignal,
): Promise<undefined> {
  const run = await arga.testRuns.get(argaRun.id, signal);
  await arga.tests.create(
    {
      name: name ?? "Saved test",
      run_id: argaRun.id,
      ...(run.prompt ? { prompt: run.prompt } : {}),
      ...(run.start_url ? { start_url: run.start_url } : {}),
    },
    signal,
  );
}

/** Those of the list that look like what a lost create would have made. */
async function findCreated(
  arga: ArgaClient,
  run: Run,
  since: number,
  signal: AbortSignal,
): Promise<string[]> {
  const spec = testSpec.parse(run.spec);
  // Nothing in a run says of which saved test it is.
  if (spec.saved && !spec.replays && !spec.url) return [];
  const isIt = (made: TestRun): boolean =>
    (instantOf(made.created_at) ?? 0) >= since - CLOCKS_APART_MS &&
    (spec.replays
      ? made.source_run_id === spec.replays
      : spec.saved !== undefined || made.prompt === spec.prompt) &&
    (!spec.url || isSameAddress(made.start_url, spec.url));
  return (await arga.testRuns.list(signal)).filter(isIt).map(({ id }) => id);
}

const CLOCKS_APART_MS = 5_000;

const observe = async (arga: ArgaClient, argaRun: ArgaRun, signal: AbortSignal): Promise<Observation> =>
  observation(arga, await arga.testRuns.get(argaRun.id, signal));

const listRuns = async (arga: ArgaClient, signal: AbortSignal): Promise<ListedRun[]> =>
  (await arga.testRuns.list(signal)).map((run) => {
    const changedAt = instantOf(run.updated_at ?? run.created_at);
    return {
      id: run.id,
      seen: observation(arga, run),
      // What it tests, and where, may be a private channel's business: a run whose create was lost is in the list too.
      title: titleOf({}),
      ...(changedAt === undefined ? {} : { changedAt }),
      // A list may leave out what a run did; its beginning says little anyway.
      isBrief: !run.events_json && run.status !== "queued",
    };
  });

function observation(arga: ArgaClient, run: TestRun): Observation {
  const end = isOver(run.status) ? outcomeOf(run) : undefined;
  const why =
    run.error_message ?? (end && typeof run.summary === "string" ? run.summary.slice(0, 5_000) : undefined);
  const totalSteps = stepCountOf(run);
  const from = instantOf(run.created_at);
  const to = instantOf(run.updated_at);
  const steps = stepsIn(run, end);
  return {
    state: end ? "ended" : stateOf(run.status),
    isOdd: end === undefined && !GOING_ON.has(run.status),
    ...(end ? { outcome: end } : {}),
    ...(why ? { why } : {}),
    ...(end && from !== undefined && to !== undefined && to > from ? { tookMs: to - from } : {}),
    ...(totalSteps ? { totalSteps } : {}),
    steps,
    ...(end === "failed"
      ? { proof: () => proofOf(arga.artifacts.in(run.whole, `/test-runs/${run.id}/artifacts`), steps) }
      : {}),
    arga: { status: run.status, links: [], stamp: stampOf(run), ...dashboardOf(run) },
  };
}

const stateOf = (status: string): "starting" | "running" =>
  status === "queued" || status === "pending" ? "starting" : "running";

/** Whatever changes in a run that matters here. */
const stampOf = (run: TestRun): string =>
  [run.status, run.updated_at ?? "", run.events_json?.length ?? ""].join("|");

/** `complete` says that the agent came to its end; where Arga counts failures, they decide. */
function outcomeOf(run: TestRun): Outcome {
  if (/^cancell?ed$/.test(run.status)) return "cancelled";
  const isComplete = run.status === "complete" || run.status === "completed";
  const hasFailed =
    run.passed === false || (typeof run.failed === "number" && run.failed > 0) || run.failed === true;
  return isComplete && !hasFailed ? "passed" : "failed";
}

async function logs(arga: ArgaClient, argaRun: ArgaRun, signal?: AbortSignal): Promise<LogLine[]> {
  const run = await arga.testRuns.get(argaRun.id, signal);
  const lines = logOf(run).map(({ timestamp, type, message }): LogLine => {
    const at = instantOf(timestamp);
    return {
      text: message || "(no message)",
      isError: isFailureType(type),
      ...(type ? { source: type } : {}),
      ...(at === undefined ? {} : { at }),
    };
  });
  const isSaid = !run.error_message || lines.some(({ text }) => text === run.error_message);
  return isSaid ? lines : [...lines, { text: run.error_message ?? "", isError: true, source: "error" }];
}

async function resolve(spec: TestSpec, look: Lookups): Promise<TestSpec> {
  const { sandboxId } = spec;
  const argaId = sandboxId && (await look.argaId("sandbox", sandboxId));
  return {
    ...spec,
    ...(argaId ? { sandboxId: argaId } : {}),
  };
}

/** What Arga has recorded is replayed; what never came to be is asked for anew. */
function rerunSpec(run: Run): TestSpec {
  const spec = testSpec.parse(run.spec);
  return run.arga ? { ...spec, replays: run.arga.id } : spec;
}

function titleOf(spec: TestSpec): string {
  const where = spec.url ? pageTitle(spec.url) : spec.sandboxId ? "a sandbox" : undefined;
  if (spec.saved)
    return [spec.saved.name ?? `Saved test ${spec.saved.id}`, where].filter(Boolean).join(" · ");
  if (spec.prompt) return taskTitle(spec.prompt, where);
  return `Test of ${where ?? "a web page"}`;
}

export const test: KindDefinition<TestSpec> = {
  kind: "test",
  noun: "test run",
  commands: [
    { grammar: adHoc, parse: parseAdHoc },
    { grammar: saved, parse: parseSaved },
  ],
  spec: (run) => testSpec.parse(run.spec),
  title: titleOf,
  pages: ({ url }) => (url ? pageLink(url) : []),
  details: (spec) => [
    ...promptBeyondTitle(spec.prompt),
    ...(spec.twins ? [`twins: ${spec.twins.join(", ")}`] : []),
    ...(spec.repo ? [`${spec.repo}${spec.branch ? `, branch ${spec.branch}` : ""}`] : []),
    ...(!spec.repo && spec.branch ? [`branch ${spec.branch}`] : []),
  ],
  needs: (spec) => ({
    twins: spec.twins ?? [],
    saved: spec.replays ? undefined : spec.saved?.id,
    retype: (twins, _, names) =>
      spec.saved
        ? ["/arga run", typed(names?.saved ?? spec.saved.id), ...(spec.url ? [typed(spec.url)] : [])].join(
            " ",
          )
        : [
            "/arga test",
            ...(spec.url ? [typed(spec.url)] : spec.sandboxId ? [] : ["https://example.com"]),
            quoted(spec.prompt || "a guest can check out", WHOLE),
            ...flagged("twins", twins.join(",")),
            ...flagged("repo", spec.repo),
            ...flagged("branch", spec.branch),
            ...flagged("sandbox", spec.sandboxId),
          ].join(" "),
  }),
  repository: (spec) => spec.repo,
  named: (spec, { saved }) => (saved ? { ...spec, saved } : spec),
  resolve,
  rerunSpec,
  start,
  findCreated,
  observe,
  listRuns,
  actions: ["save"],
  act: save,
  isSavable: (run) => {
    const { saved, replays } = testSpec.parse(run.spec);
    return saved === undefined && replays === undefined;
  },
  logs,
  // Nothing in a saved test says from which run it was made.
  hasHappened: () => undefined,
};
