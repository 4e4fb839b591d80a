import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The tests that judge a mutant (../mutate.ts): those that need no built bot. The nearest to the changed file come
 * first, since one that fails is enough, whole texts before all others, and what tries many inputs last.
 */
class NearestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const [changed, ...others] = this.ctx.config.related ?? [];
    // All files are changed while it's found out which test runs what.
    if (changed === undefined || others.length > 0) return files;
    const [name, folder] = [basename(changed, ".ts"), basename(dirname(changed))];
    const distance = ({ moduleId }: TestSpecification): number =>
      (moduleId.includes(".properties.") || isStory(moduleId) ? 4 : 0) -
      (moduleId.includes("as-read") ? 1 : 0) +
      (basename(moduleId).includes(name) ? 0 : 1) +
      (moduleId.includes(`/${folder}/`) ? 0 : 2);
    const sorted = files.toSorted((a, b) => distance(a) - distance(b));
    const patterns = this.ctx.projects.flatMap(({ config }) => config.testNamePattern ?? []);
    if (patterns.length === 0) return sorted.slice(0, NEAREST);
    const tests = patterns.join("|").split("|").length;
    return tests > FEW ? sorted.filter(({ moduleId }) => !isStory(moduleId)) : sorted;
  }
}

const isStory = (path: string): boolean => path.includes("/test/e2e/");

/** What more tests than these run is judged without the stories: each takes seconds, and all of them run it. */
const FEW = 40;

/** Of what runs when a file is loaded it isn't known which test depends on it: so many files of tests judge it. */
const NEAREST = 20;

/** Of the tests of the whole bot, those that tell short stories, and kill nobody. It runs from its sources here. */
const STORIES = ["forms", "kind-ends", "links", "outsiders", "plan", "proof", "settings"];

export default defineConfig({
  test: {
    env: { START_BOT: fileURLToPath(new URL("bot-here.ts", import.meta.url)) },
    include: [
      ...(process.env.MUTATE_TESTS ?? "test/unit").split(",").map((folder) => `${folder}/**/*.test.ts`),
      ...STORIES.map((name) => `test/e2e/${name}.test.ts`),
    ],
    exclude: [
      // They take the clock of undici's timers, which a process has once.
      "test/api/time-limits.test.ts",
      "test/api/twin-timeouts.test.ts",
      // It judges a copy of the code, which no mutant is in.
      "test/unit/kinds/made-up-kind.test.ts",
    ],
    setupFiles: ["test/support/real-clock.ts"],
    isolate: false,
    // Which test runs what is known of those that run one after another.
    maxConcurrency: 1,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: NearestFirst },
  },
});
