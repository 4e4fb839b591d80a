import { randomUUID } from "node:crypto";
import { Refusal } from "../refusal.ts";

export interface ScenarioSpec {
  name: string;
  description?: string | null;
  prompt?: string | null;
  twins?: string[];
  /** Kept exactly as it came. */
  seedConfig?: Record<string, unknown> | null;
  tags?: string[];
}

export interface Scenario {
  id: string;
  name: string;
  description: string | null;
  prompt: string | null;
  twins: string[];
  seedConfig: Record<string, unknown>;
  tags: string[];
  isPreset: boolean;
  createdAt: number;
  updatedAt: number;
}

/** Saved scenarios, which last as long as the server runs, and presets, which nobody can change. */
export class Scenarios {
  /** In order of creation, presets among them. */
  readonly all = new Map<string, Scenario>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** @throws Refusal 404 */
  get(id: string): Scenario {
    const scenario = this.all.get(id);
    if (!scenario) throw new Refusal(404, "Scenario not found");
    return scenario;
  }

  create(spec: ScenarioSpec): Scenario {
    return this.#keep(randomUUID(), spec, false);
  }

  addPreset(id: string, spec: ScenarioSpec): Scenario {
    return this.#keep(id, spec, true);
  }

  /** What the spec leaves out is emptied. @throws Refusal 404; 403 for a preset. */
  replace(id: string, spec: ScenarioSpec): Scenario {
    const { createdAt } = this.#own(id);
    const scenario = this.#keep(id, spec, false);
    scenario.createdAt = createdAt;
    return scenario;
  }

  /** @throws Refusal 404; 403 for a preset. */
  remove(id: string): void {
    this.all.delete(this.#own(id).id);
    this.#changed();
  }

  // That a preset cannot be changed is our guess, and so is the status.
  #own(id: string): Scenario {
    const scenario = this.get(id);
    if (scenario.isPreset) throw new Refusal(403, "Presets cannot be changed");
    return scenario;
  }

  #keep(id: string, spec: ScenarioSpec, isPreset: boolean): Scenario {
    const now = Date.now();
    const twins = spec.twins ?? Object.keys(spec.seedConfig ?? {});
    const scenario: Scenario = {
      id,
      name: spec.name,
      description: spec.description ?? null,
      prompt: spec.prompt ?? null,
      twins,
      seedConfig: spec.seedConfig ?? seedFrom(spec.prompt, twins),
      tags: spec.tags ?? [],
      isPreset,
      createdAt: now,
      updatedAt: now,
    };
    this.all.set(id, scenario);
    this.#changed();
    return scenario;
  }
}

// The server expands a prompt into a seed; what comes out is not documented, only that something does.
function seedFrom(prompt: string | null | undefined, twins: string[]): Record<string, unknown> {
  return prompt ? Object.fromEntries(twins.map((twin) => [twin, { note: prompt }])) : {};
}

export function scenarioView(scenario: Scenario): Record<string, unknown> {
  return {
    id: scenario.id,
    name: scenario.name,
    description: scenario.description,
    prompt: scenario.prompt,
    twins: scenario.twins,
    seed_config: scenario.seedConfig,
    tags: scenario.tags,
    is_preset: scenario.isPreset,
    created_at: new Date(scenario.createdAt).toISOString(),
    updated_at: new Date(scenario.updatedAt).toISOString(),
  };
}

/** The shorter form in which presets are listed without a key. */
export function presetView(scenario: Scenario): Record<string, unknown> {
  const { id, name, description, twins, tags } = scenario;
  return { id, name, description, twins, tags, is_preset: true };
}
