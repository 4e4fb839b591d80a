import { z } from "zod";
import { idOf, valid } from "../check.ts";
import type { Control, Walkers } from "../control.ts";
import { Repo } from "../fields.ts";
import { Refusal } from "../refusal.ts";
import { type Call, ok, type Reply, type Route } from "../router.ts";
import { environmentView } from "../state/environments.ts";
import { validationView } from "../state/run-view.ts";
import { sandboxView } from "../state/sandboxes.ts";
import { testRunView } from "../state/test-view.ts";
import { twinRunView } from "../state/twin-view.ts";
import type { World } from "../state/world.ts";

interface Parts {
  world: World;
  control: Control;
}

/** One kind of run, as a person with curl moves it. */
interface Movable {
  name: string;
  /** What fails when no reason is given. */
  reason: string;
  acts: Record<string, (id: string, reason: string) => void>;
  view(id: string): unknown;
  /** Starts one as if from elsewhere; answers its id. */
  start?(body: unknown): string;
}

const ActBody = z.strictObject({ error: z.string().optional() }).optional();
const Twins = z.array(z.string()).min(1);
const TwinStart = z.strictObject({ twins: Twins.default(["stripe"]) }).default({ twins: ["stripe"] });
const TestStart = z.strictObject({ prompt: z.string().min(1), start_url: z.string().optional() });
const SandboxStart = z.strictObject({ repo: Repo, branch: z.string().default("main") });
const ValidationStart = z.strictObject({ url: z.string(), prompt: z.string().optional() });

/** `POST /_sim/{kind}` starts a run elsewhere, `POST /_sim/{kind}/{id}/{act}` moves one. */
export function actRoutes(parts: Parts): Route[] {
  return [twins, tests, sandboxes, validations, environments].flatMap((movableOf) => {
    const movable = movableOf(parts);
    const base = `/_sim/${movable.name}`;
    const { start } = movable;
    const moving: Route = {
      method: "POST",
      pattern: `${base}/{run_id}/{act}`,
      open: true,
      handle: (call) => act(movable, call),
    };
    if (!start) return [moving];
    const handle = (call: Call) => ok(movable.view(start(call.body)));
    return [{ method: "POST", pattern: base, open: true, handle }, moving];
  });
}

function act({ acts, reason, view }: Movable, call: Call): Reply {
  const id = idOf(call.params.run_id);
  const { error } = valid(ActBody, call.body) ?? {};
  const chosen = Object.hasOwn(acts, call.params.act ?? "") ? acts[call.params.act ?? ""] : undefined;
  if (!chosen) throw new Refusal(404, `Not one of: ${Object.keys(acts).join(", ")}`);
  chosen(id, error ?? reason);
  return ok(view(id));
}

function twins({ world, control }: Parts): Movable {
  const { teardown, expire, fail, ready, lock } = control;
  return {
    name: "twin-runs",
    reason: "Provisioning failed",
    acts: { teardown, expire, fail, ready, lock },
    view: (id) => twinRunView(world.twinRuns.get(id), world.settings),
    start: (body) => {
      const spec = { ...valid(TwinStart, body), ttlMinutes: 60, isPublic: true, baseline: "empty" as const };
      return control.start(spec).runId;
    },
  };
}

function tests({ world, control }: Parts): Movable {
  return {
    name: "test-runs",
    reason: "The browser was lost",
    acts: walkerActs(control.tests),
    view: (id) => testRunView(world.testRuns.get(id), world.settings),
    start: (body) => {
      const { prompt, start_url } = valid(TestStart, body);
      return control.tests.start({ prompt, startUrl: start_url ?? "https://staging.example.com" }).id;
    },
  };
}

function sandboxes({ world, control }: Parts): Movable {
  return {
    name: "sandbox-runs",
    reason: "Build failed",
    acts: { ...walkerActs(control.sandboxes), expire: control.sandboxes.expire },
    view: (id) => sandboxView(world.sandboxes.get(id), world.settings),
    start: (body) => {
      const spec = { ...valid(SandboxStart, body), twins: ["stripe"], ttlMinutes: 60 };
      return control.sandboxes.start(spec).sandboxId;
    },
  };
}

function validations({ world, control }: Parts): Movable {
  return {
    name: "validation-runs",
    reason: "The worker was lost",
    acts: walkerActs(control.validations),
    view: (id) => validationView(world.validations.get(id), world.settings),
    start: (body) => {
      const { url, prompt } = valid(ValidationStart, body);
      return control.validations.start({ runType: "url_run", url, prompt: prompt ?? null }).runId;
    },
  };
}

function environments({ world, control }: Parts): Movable {
  return {
    name: "environments",
    reason: "Provisioning failed",
    acts: { ...control.environments },
    view: (id) => environmentView(world.environments.get(id), world.settings),
  };
}

function walkerActs<Spec, Run>({ step, finish, fail, cancel }: Walkers<Spec, Run>): Movable["acts"] {
  return { step, finish, fail, cancel };
}
