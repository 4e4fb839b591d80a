import { randomUUID } from "node:crypto";
import { z } from "zod";
import { noBody, queryCount, uuid, valid } from "../check.ts";
import { Minutes, Repo, Twins } from "../fields.ts";
import { isPublicUrl } from "../public-url.ts";
import { Refusal } from "../refusal.ts";
import { type Call, ok, type Reply, type Route } from "../router.ts";
import { artifactFile } from "../state/artifacts.ts";
import {
  historyItem,
  logsView,
  picturedValidation,
  twinAsRunView,
  validationView,
} from "../state/run-view.ts";
import type { Validation } from "../state/validations.ts";
import type { World } from "../state/world.ts";
import { requireKnown, requireScenario } from "./twin-handlers.ts";

const ProbeBody = z.strictObject({ url: z.string() });

const Text = z.string().min(1).nullish();

const UrlBody = z.strictObject({
  url: z.string(),
  prompt: z.string().nullish(),
  twins: Twins.nullish(),
  credentials: z.strictObject({ email: z.string().nullish(), password: z.string().nullish() }).nullish(),
  runner_mode: Text,
  session_id: Text,
  repo: Repo.nullish(),
  branch: Text,
  pr_url: Text,
  provision_id: Text,
  ttl_minutes: Minutes.nullish(),
  scenario_id: Text,
});

const PrBody = z.strictObject({
  repo: Repo,
  branch: Text,
  pr_url: Text,
  context_notes: z.string().nullish(),
  scenario_prompt: z.string().nullish(),
  scenario_id: Text,
  twins: Twins.nullish(),
  frontend_url: Text,
  session_id: Text,
  run_type: z.enum(["pr_run", "agent_run"]).nullish(),
});

export function validationRoutes(world: World): Route[] {
  return [
    { method: "POST", pattern: "/validate/url-run", creates: true, handle: (call) => urlRun(world, call) },
    { method: "POST", pattern: "/validate/pr-run", creates: true, handle: (call) => prRun(world, call) },
    { method: "POST", pattern: "/validate/agent-run", handle: () => removed(world) },
    { method: "POST", pattern: "/validate/{run_id}/cancel", handle: (call) => cancel(world, call) },
    { method: "GET", pattern: "/validate/{run_id}/results", handle: (call) => results(world, call) },
    {
      method: "GET",
      pattern: "/validate/{run_id}/artifacts/{filename}",
      tokenInQuery: true,
      handle: (call) => artifact(world, call),
    },
    { method: "POST", pattern: "/validate/url/probe", handle: (call) => probe(world, call) },
    { method: "POST", pattern: "/validate/{run_id}/feedback", handle: (call) => feedback(world, call) },
    { method: "GET", pattern: "/runs/{run_id}", handle: (call) => details(world, call) },
    { method: "GET", pattern: "/runs/{run_id}/logs", handle: (call) => logs(world, call) },
    { method: "GET", pattern: "/validation/runs", handle: (call) => history(world, call) },
    // Its body and answer are not known; taken to be those of a PR run that answers JSON.
    {
      method: "POST",
      pattern: "/validation/pr",
      creates: true,
      handle: (call) => ok(startedView(startPrRun(world, call))),
    },
  ];
}

function urlRun(world: World, call: Call): Reply {
  const body = valid(UrlBody, call.body);
  requireSense(world, body);
  const twins = [...new Set(body.twins ?? [])];
  requireKnown(world, twins);
  requireScenario(world, body.scenario_id);
  if (body.provision_id) world.twinRuns.get(uuid(body.provision_id));
  world.account.lifetime(twins.length, body.ttl_minutes ?? undefined);
  world.account.charge();
  const run = world.validations.create({
    runType: "url_run",
    url: body.url,
    prompt: body.prompt ?? null,
    twins,
    sessionId: body.session_id ?? null,
    repo: body.repo ?? null,
    branch: body.branch ?? null,
    prUrl: body.pr_url ?? null,
    mode: body.runner_mode ?? "standard",
  });
  return ok(startedView(run));
}

/** The three refusals whose texts are documented, though not their status. */
function requireSense(world: World, { url, prompt, credentials }: z.infer<typeof UrlBody>): void {
  const { inputRefusal } = world.settings.dialect;
  if (!isPublicUrl(url)) throw new Refusal(inputRefusal, "A valid public http(s) URL is required.");
  if (world.account.free && !prompt) throw new Refusal(inputRefusal, "A prompt is required.");
  if (Boolean(credentials?.email) !== Boolean(credentials?.password)) {
    throw new Refusal(inputRefusal, "Email and password must both be provided.");
  }
}

/** Answers JSON, or a stream with the ids in headers. */
function prRun(world: World, call: Call): Reply {
  const run = startPrRun(world, call);
  return world.settings.dialect.prRun === "json" ? ok(startedView(run)) : streamedStart(world, run);
}

/** A branch beside a pull request is allowed by the docs. */
function startPrRun(world: World, call: Call): Validation {
  const body = valid(PrBody, call.body);
  if (!body.branch && !body.pr_url) {
    throw new Refusal(world.settings.dialect.inputRefusal, "branch or pr_url is required");
  }
  const twins = [...new Set(body.twins ?? [])];
  requireKnown(world, twins);
  requireScenario(world, body.scenario_id);
  world.account.requireTeam("PR validation");
  return world.validations.create({
    runType: body.run_type === "agent_run" ? "agent_run" : "pr",
    repo: body.repo,
    branch: body.branch ?? null,
    prUrl: body.pr_url ?? null,
    prompt: body.context_notes ?? body.scenario_prompt ?? null,
    url: body.frontend_url ?? null,
    twins,
    sessionId: body.session_id ?? randomUUID(),
  });
}

function streamedStart(world: World, run: Validation): Reply {
  return {
    status: 200,
    body: undefined,
    headers: { "x-run-id": run.runId, "x-session-id": run.sessionId ?? "" },
    stream: (left) => world.streams.story({ run, skip: 0, left }),
  };
}

function removed(world: World): Reply {
  const status = world.settings.dialect.agentRun;
  throw new Refusal(status, status === 404 ? "Not Found" : "This endpoint has been removed");
}

/** Ends validation runs, and twin runs too: the CLI ends its own so. What a finished run answers is our guess. */
function cancel(world: World, call: Call): Reply {
  noBody(call.body);
  const runId = uuid(call.params.run_id);
  if (world.twinRuns.all.has(runId)) world.twinRuns.cancel(runId);
  else world.validations.cancel(runId);
  return ok({ status: world.settings.dialect.cancelled });
}

function results(world: World, call: Call): Reply {
  const run = world.validations.get(uuid(call.params.run_id));
  const skip = skipOf(run, call.headers["last-event-id"]);
  return { status: 200, body: undefined, stream: (left) => world.streams.results({ run, skip, left }) };
}

// An id that is none of the run's own starts from the beginning, as nothing better is known of the caller.
function skipOf(run: Validation, lastId: string | string[] | undefined): number {
  const id = Number(lastId ?? 0);
  return Number.isInteger(id) && id > 0 && id <= run.events.length ? id : 0;
}

/** The names of artifacts are not known; these stand for a text file, a structured one, and pictures. */
function artifact(world: World, call: Call): Reply {
  const run = world.validations.get(uuid(call.params.run_id));
  const files = new Map<string, Reply>([
    ["events.log", ok(run.events.map(({ event, data }) => `${event} ${JSON.stringify(data)}`).join("\n"))],
    ["results.json", ok(run.results)],
  ]);
  const name = call.params.filename ?? "";
  return files.get(name) ?? artifactFile(name, picturedValidation(run), world.settings);
}

/** Which twins an address seems to need: here those that it names. Body and answer are not known. */
function probe(world: World, call: Call): Reply {
  const { url } = valid(ProbeBody, call.body);
  if (!isPublicUrl(url)) {
    throw new Refusal(world.settings.dialect.inputRefusal, "A valid public http(s) URL is required.");
  }
  const names = world.settings.catalog.map(({ name }) => name);
  return ok({ url, twins: names.filter((name) => url.toLowerCase().includes(name)) });
}

// Deprecated, and nothing about it is known but its path: it takes anything.
function feedback(world: World, call: Call): Reply {
  world.validations.get(uuid(call.params.run_id));
  return ok({ status: "ok" });
}

function details(world: World, call: Call): Reply {
  const runId = uuid(call.params.run_id);
  const twinRun = world.twinRuns.all.get(runId);
  return ok(
    twinRun
      ? twinAsRunView(twinRun, world.settings)
      : validationView(world.validations.get(runId), world.settings),
  );
}

function logs(world: World, call: Call): Reply {
  return ok(logsView(world.validations.get(uuid(call.params.run_id)), world.settings));
}

// Which runs it lists is not described; those of a repository fit its fields. Newest first.
function history(world: World, { query }: Call): Reply {
  world.account.requireTeam("Validation history");
  const limit = queryCount(query, "limit", [1, 100]) ?? 20;
  const offset = queryCount(query, "offset", [0, Number.MAX_SAFE_INTEGER]) ?? 0;
  const repo = query.get("repo");
  const found = [...world.validations.all.values()]
    .filter((run) => run.repo !== null && (repo === null || run.repo === repo))
    .reverse();
  const items = found.slice(offset, offset + limit).map((run) => historyItem(run, world.settings));
  return ok({ items, limit, offset, has_more: offset + limit < found.length, total: found.length });
}

function startedView({ runId, status, sessionId }: Validation): Record<string, unknown> {
  return { run_id: runId, status, session_id: sessionId };
}
