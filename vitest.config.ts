import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Whole bots that are killed, starved and flooded: two of these files are what two cores carry at a time. */
const HARD = ["crash", "process", "outages", "chaos", "crash-kinds", "crash-acts", "failover", "ack"].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** They take hold of something that Node or a package takes once, when it is loaded: its clock, or how patterns are made. */
const OF_THE_PROCESS = [
  "test/api/time-limits.test.ts",
  "test/api/twin-timeouts.test.ts",
  "test/ground/patterns.test.ts",
];

/** What takes longest begins first, so that no worker is left with it at the end; the others as they are called. */
const LONG = [
  ...HARD,
  "test/ground/page-bench.",
  "test/ground/page.",
  "test/e2e/life.",
  "test/ground/demo.",
  "test/e2e/",
  "test/ground/page",
  "test/unit/views/kinds.properties.",
  "test/unit/views/views.properties.",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex((name) => moduleId.includes(name));
      return found < 0 ? LONG.length : found;
    };
    return [...files].sort((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  test: {
    // How long a test waits says nothing about how fast a machine is: these end what hangs, and a wait in vain
    // (60 s, test/support/waiting.ts) ends before them and says what it waited for.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    maxConcurrency: 3,
    // A process of its own for each of two hundred files would cost more than most of their tests.
    isolate: false,
    setupFiles: ["test/support/real-clock.ts"],
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: "hard", include: HARD, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      {
        extends: true,
        test: {
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: [...HARD, ...OF_THE_PROCESS],
          // They wait most of their time.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "apart",
          include: OF_THE_PROCESS,
          isolate: true,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
