import type { Sandbox, SandboxSpec } from "./state/sandboxes.ts";
import type { TestRun, TestRunSpec } from "./state/test-runs.ts";
import type { TwinRun, TwinSpec } from "./state/twin-runs.ts";
import type { Validation, ValidationSpec } from "./state/validations.ts";
import type { World } from "./state/world.ts";

/** What moves runs that walk through steps. */
export interface Walkers<Spec, Run> {
  /** A run that somebody else started, charged to nobody's plan. */
  start(spec: Spec): Run;
  /** One event further, whatever the run waits for. */
  step(id: string): void;
  /** Through all that is left, to success. */
  finish(id: string): void;
  fail(id: string, error: string): void;
  cancel(id: string): void;
}

/**
 * What the web app, the CLI or an operator could do elsewhere, past the caller's plan.
 * Each takes effect before it returns.
 * @throws Refusal for an unknown run, or one whose status does not allow it.
 */
export interface Control {
  /** These six are about twin runs. */
  teardown(runId: string): void;
  expire(runId: string): void;
  fail(runId: string, error: string): void;
  /** Minutes are simulated ones, from now. */
  extend(runId: string, minutes: number): void;
  lock(runId: string): void;
  ready(runId: string): void;
  /** A twin run that somebody else started. */
  start(spec: TwinSpec): TwinRun;
  tests: Walkers<TestRunSpec, TestRun>;
  validations: Walkers<ValidationSpec, Validation>;
  /** `finish` makes ready, `cancel` deletes. */
  sandboxes: Walkers<SandboxSpec, Sandbox> & { expire(id: string): void };
  /** By the id of the scenario. */
  environments: { ready(scenarioId: string): void; fail(scenarioId: string, error: string): void };
  /** How many times faster than the wall clock time passes from now on, for what runs too. */
  pace(speed: number): void;
  /** The person at the browser says yes to a device login. */
  approveDevice(code: string): void;
}

export function controlOf(world: World): Control {
  const { twinRuns, environments } = world;
  return {
    teardown: (runId) => twinRuns.teardown(runId),
    expire: (runId) => twinRuns.expire(runId),
    fail: (runId, error) => twinRuns.fail(runId, error),
    extend: (runId, minutes) => void twinRuns.extend(runId, minutes),
    lock: (runId) => void twinRuns.lock(runId),
    ready: (runId) => twinRuns.ready(runId),
    start: (spec) => twinRuns.create(spec),
    tests: walkersOf(world.testRuns),
    validations: walkersOf(world.validations),
    sandboxes: sandboxesOf(world),
    environments: {
      ready: (id) => environments.ready(id),
      fail: (id, error) => environments.fail(id, error),
    },
    pace: (speed) => twinRuns.pace(speed),
    approveDevice: (code) => world.devices.approve(code),
  };
}

interface Walking<Spec, Run> extends Omit<Walkers<Spec, Run>, "start"> {
  create(spec: Spec): Run;
}

function walkersOf<Spec, Run>(runs: Walking<Spec, Run>): Walkers<Spec, Run> {
  return {
    start: (spec) => runs.create(spec),
    step: (id) => runs.step(id),
    finish: (id) => runs.finish(id),
    fail: (id, error) => runs.fail(id, error),
    cancel: (id) => runs.cancel(id),
  };
}

function sandboxesOf({ sandboxes }: World): Control["sandboxes"] {
  return {
    start: (spec) => sandboxes.create(spec),
    step: (id) => sandboxes.step(id),
    finish: (id) => sandboxes.ready(id),
    fail: (id, error) => sandboxes.fail(id, error),
    cancel: (id) => sandboxes.remove(id),
    expire: (id) => sandboxes.expire(id),
  };
}
