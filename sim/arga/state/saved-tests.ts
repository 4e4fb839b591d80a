import { randomUUID } from "node:crypto";
import { Refusal } from "../refusal.ts";
import type { TestConfig } from "./test-config.ts";

export interface SavedTestSpec {
  name: string;
  description?: string | null;
  repoFullName?: string | null;
  ciEnabled?: boolean;
  startUrl?: string | null;
  prompt?: string | null;
  tags?: string[];
  testConfig?: TestConfig | null;
}

export interface SavedTest extends Required<SavedTestSpec> {
  id: string;
  createdAt: number;
  updatedAt: number;
}

const blank = {
  description: null,
  repoFullName: null,
  ciEnabled: false,
  startUrl: null,
  prompt: null,
  tags: [],
  testConfig: null,
};

/** The saved tests. They last as long as the server runs. */
export class SavedTests {
  /** In order of creation. */
  readonly all = new Map<string, SavedTest>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** @throws Refusal 404 */
  get(id: string): SavedTest {
    const test = this.all.get(id);
    if (!test) throw new Refusal(404, "Test not found");
    return test;
  }

  create(spec: SavedTestSpec): SavedTest {
    const now = Date.now();
    const test = { ...blank, ...spec, id: randomUUID(), createdAt: now, updatedAt: now };
    this.all.set(test.id, test);
    this.#changed();
    return test;
  }

  /** @throws Refusal 404 */
  update(id: string, change: Partial<SavedTestSpec>): SavedTest {
    const test = Object.assign(this.get(id), change, { updatedAt: Date.now() });
    this.#changed();
    return test;
  }

  /** @throws Refusal 404 */
  remove(id: string): void {
    this.all.delete(this.get(id).id);
    this.#changed();
  }
}
