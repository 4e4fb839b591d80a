import { z } from "zod";
import { idOf, valid } from "../check.ts";
import { FreeForm, Origin } from "../fields.ts";
import { Refusal } from "../refusal.ts";
import { aliased, type Call, ok, type Reply, type Route } from "../router.ts";
import { artifactFile } from "../state/artifacts.ts";
import type { TestConfig } from "../state/test-config.ts";
import type { TestRun } from "../state/test-runs.ts";
import { pictured, testRunView } from "../state/test-view.ts";
import type { World } from "../state/world.ts";
import { requireKnown, requireScenario } from "./twin-handlers.ts";

export const Prompt = z.string().min(1).max(20_000);

// How far the server looks into a config is not known; without a list of steps there is nothing to replay.
export const Config = FreeForm.refine((config) => Array.isArray(config.steps), {
  message: "steps should be a list",
  path: ["steps"],
}).transform((config) => config as TestConfig);

const CreateBody = z.strictObject({
  prompt: Prompt,
  start_url: z.string().nullish(),
  test_config: Config.nullish(),
  ...Origin,
});
const RerunBody = z
  .strictObject({ prompt: Prompt.nullish(), start_url: z.string().nullish(), ...Origin })
  .optional();
const MessageBody = z.strictObject({ message: z.string().min(1) });
const ConfigBody = z.strictObject({ test_config: Config });

/** The newest path, the one of the API reference, and the deprecated one; taken to be exact aliases. */
export function testRunRoutes(world: World): Route[] {
  const older = ["/runner/runs", "/demo-runner/runs"];
  const bases = world.settings.dialect.canonicalTestRuns ? ["/test-runs", ...older] : older;
  return aliased(bases, (base) => routesAt(world, base));
}

function routesAt(world: World, base: string): Route[] {
  const one = `${base}/{run_id}`;
  return [
    { method: "POST", pattern: base, creates: true, handle: (call) => create(world, call) },
    { method: "GET", pattern: base, handle: () => list(world) },
    { method: "GET", pattern: one, handle: (call) => get(world, call) },
    { method: "POST", pattern: `${one}/rerun`, creates: true, handle: (call) => rerun(world, call) },
    { method: "POST", pattern: `${one}/messages`, handle: (call) => message(world, call) },
    {
      method: "GET",
      pattern: `${one}/artifacts/{filename}`,
      tokenInQuery: true,
      handle: (call) => artifact(world, call),
    },
    { method: "PATCH", pattern: `${one}/config`, handle: (call) => configure(world, call) },
  ];
}

function create(world: World, call: Call): Reply {
  const { prompt, start_url, test_config, ...origin } = valid(CreateBody, call.body);
  const target = targetOf(world, { start_url, sandbox_id: origin.sandbox_id, prompt });
  requireAllowed(world, origin);
  world.account.charge();
  return shown(world, world.testRuns.create({ prompt, ...target, testConfig: test_config ?? null, origin }));
}

// Order and paging are not known: newest first, all of them.
function list(world: World): Reply {
  const runs = [...world.testRuns.all.values()].reverse();
  return ok({ runs: runs.map((run) => testRunView(run, world.settings)) });
}

function get(world: World, call: Call): Reply {
  return shown(world, runOf(world, call));
}

/** The path is our guess, after that of validation runs. */
function artifact(world: World, call: Call): Reply {
  return artifactFile(call.params.filename ?? "", pictured(runOf(world, call)), world.settings);
}

/** Replays the run's config unless it gets another prompt, which no recording fits. */
function rerun(world: World, call: Call): Reply {
  const source = runOf(world, call);
  const { prompt, start_url, ...origin } = valid(RerunBody, call.body) ?? {};
  const target = targetOf(world, {
    start_url: start_url ?? (origin.sandbox_id ? null : source.startUrl),
    sandbox_id: origin.sandbox_id ?? (start_url ? null : source.sandboxId),
    prompt: prompt ?? source.prompt,
  });
  requireAllowed(world, origin);
  world.account.charge();
  const run = world.testRuns.create({
    prompt: prompt ?? source.prompt,
    ...target,
    testConfig: prompt ? null : source.testConfig,
    sourceRunId: source.id,
    origin: { ...source.origin, ...origin },
  });
  return shown(world, run);
}

function message(world: World, call: Call): Reply {
  const { id } = runOf(world, call);
  return shown(world, world.testRuns.message(id, valid(MessageBody, call.body).message));
}

// The answer is not known; the run object, as from the other acts, is our guess.
function configure(world: World, call: Call): Reply {
  const { id } = runOf(world, call);
  return shown(world, world.testRuns.configure(id, valid(ConfigBody, call.body).test_config));
}

type Said = z.infer<z.ZodObject<typeof Origin>>;

/** That its twins exist and fit the plan as those of a twin run have to is our guess. */
function requireAllowed(world: World, { scenario_id, twins, ttl_minutes }: Said): void {
  requireScenario(world, scenario_id);
  requireKnown(world, twins ?? []);
  world.account.lifetime(new Set(twins).size, ttl_minutes ?? undefined);
}

export interface Wanted {
  start_url?: string | null | undefined;
  sandbox_id?: string | null | undefined;
  prompt: string;
}

/**
 * Where the run starts: at the given address, in the sandbox's app, or at the first address in the prompt.
 * @throws Refusal 404 or 409 for the sandbox; 400 or 422 without any target
 */
export function targetOf(
  world: World,
  wanted: Wanted,
): { startUrl: string | null; sandboxId: string | null } {
  const { inputRefusal } = world.settings.dialect;
  const { start_url, sandbox_id, prompt } = wanted;
  if (start_url && !isAbsolute(start_url)) {
    throw new Refusal(inputRefusal, "start_url must be an absolute http(s) URL");
  }
  const appUrl = sandbox_id ? world.sandboxes.readyUrl(idOf(sandbox_id)) : undefined;
  const startUrl = appUrl ?? start_url ?? addressIn(prompt);
  if (!startUrl) {
    throw new Refusal(
      inputRefusal,
      "start_url is required unless sandbox_id is given or the prompt contains a URL",
    );
  }
  return { startUrl, sandboxId: sandbox_id ? idOf(sandbox_id) : null };
}

export function shown(world: World, run: TestRun): Reply {
  return ok(testRunView(run, world.settings));
}

function runOf(world: World, call: Call): TestRun {
  return world.testRuns.get(idOf(call.params.run_id));
}

function addressIn(prompt: string): string | undefined {
  const address = /https?:\/\/[^\s"'<>)]+/i.exec(prompt)?.[0];
  return address?.replace(/[.,;:!?]+$/, "");
}

function isAbsolute(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
