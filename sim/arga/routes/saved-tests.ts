import { z } from "zod";
import { idOf, noBody, valid } from "../check.ts";
import { Origin, Repo } from "../fields.ts";
import { Refusal } from "../refusal.ts";
import { aliased, type Call, ok, type Reply, type Route } from "../router.ts";
import type { SavedTest, SavedTestSpec } from "../state/saved-tests.ts";
import { savedTestView } from "../state/test-view.ts";
import type { World } from "../state/world.ts";
import { Config, Prompt, shown, targetOf } from "./test-runs.ts";
import { requireScenario } from "./twin-handlers.ts";

// `null` clears a field that the test object shows as null; the rest may be left out, not be null.
const fields = {
  description: z.string().nullish(),
  prompt: Prompt.nullish(),
  start_url: z.string().nullish(),
  repo_full_name: Repo.nullish(),
  ci_enabled: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  test_config: Config.nullish(),
  run_id: z.string().nullish(),
};
const Name = z.string().min(1);
const CreateBody = z.strictObject({ name: Name, ...fields });
const ChangeBody = z.strictObject({ name: Name.optional(), ...fields });
const RunBody = z
  .strictObject({
    prompt: Prompt.nullish(),
    start_url: z.string().nullish(),
    session_id: z.string().nullish(),
    ...Origin,
  })
  .optional();

/** Beside the newest path the two older ones, as for test runs. */
export function savedTestRoutes(world: World): Route[] {
  const older = ["/runner/tests", "/demo-runner/tests"];
  const bases = world.settings.dialect.canonicalTestRuns ? ["/tests", ...older] : older;
  return aliased(bases, (base) => routesAt(world, base));
}

function routesAt(world: World, base: string): Route[] {
  const one = `${base}/{test_id}`;
  return [
    { method: "GET", pattern: base, handle: (call) => list(world, call) },
    { method: "POST", pattern: base, creates: true, handle: (call) => create(world, call) },
    { method: "GET", pattern: one, handle: (call) => ok(savedTestView(testOf(world, call))) },
    { method: "PATCH", pattern: one, handle: (call) => update(world, call) },
    { method: "DELETE", pattern: one, handle: (call) => remove(world, call) },
    { method: "POST", pattern: `${one}/run`, creates: true, handle: (call) => run(world, call) },
  ];
}

function list(world: World, call: Call): Reply {
  const repo = call.query.get("repo_full_name");
  const tests = [...world.savedTests.all.values()].filter(
    (test) => repo === null || test.repoFullName === repo,
  );
  return ok({ tests: tests.map(savedTestView) });
}

function create(world: World, call: Call): Reply {
  const { name, ...body } = valid(CreateBody, call.body);
  return ok(savedTestView(world.savedTests.create({ name, ...specOf(world, body) })));
}

function update(world: World, call: Call): Reply {
  const { id } = testOf(world, call);
  const { name, ...body } = valid(ChangeBody, call.body);
  const change = { ...specOf(world, body), ...(name !== undefined && { name }) };
  return ok(savedTestView(world.savedTests.update(id, change)));
}

// What a deletion answers is not known beyond being JSON.
function remove(world: World, call: Call): Reply {
  noBody(call.body);
  const { id } = testOf(world, call);
  world.savedTests.remove(id);
  return ok({ id, status: "deleted" });
}

/** Its address and prompt are those of the test unless the body has others. Its twins are metadata only. */
function run(world: World, call: Call): Reply {
  const test = testOf(world, call);
  const { prompt: otherPrompt, start_url, ...origin } = valid(RunBody, call.body) ?? {};
  const prompt = otherPrompt ?? test.prompt;
  if (prompt === null) throw new Refusal(world.settings.dialect.inputRefusal, "A prompt is required.");
  const own = origin.sandbox_id ? null : test.startUrl;
  const target = targetOf(world, { start_url: start_url ?? own, sandbox_id: origin.sandbox_id, prompt });
  requireScenario(world, origin.scenario_id);
  world.account.charge();
  const testConfig = otherPrompt ? null : test.testConfig;
  return shown(world, world.testRuns.create({ prompt, ...target, testConfig, origin }));
}

type Fields = z.infer<z.ZodObject<typeof fields>>;

/** What the body says, over what its source run has. @throws Refusal 404 for an unknown source run. */
function specOf(world: World, body: Fields): Partial<SavedTestSpec> {
  const source = body.run_id ? world.testRuns.get(idOf(body.run_id)) : undefined;
  const said = {
    description: body.description,
    prompt: body.prompt ?? source?.prompt ?? body.prompt,
    startUrl: body.start_url ?? source?.startUrl ?? body.start_url,
    repoFullName: body.repo_full_name,
    ciEnabled: body.ci_enabled,
    tags: body.tags,
    testConfig: body.test_config ?? source?.testConfig ?? body.test_config,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function testOf(world: World, call: Call): SavedTest {
  return world.savedTests.get(idOf(call.params.test_id));
}
