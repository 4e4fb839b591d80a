import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * What takes longest begins first, so that no worker is left with it at the end, and beside what keeps a core busy
 * something that waits most of its time; the others as they are called.
 */
const LONG = [
  "e2e/crash.",
  "ground/page-bench.",
  "e2e/process.",
  "ground/demo.",
  "e2e/outages.",
  "ground/page.",
  "e2e/life.",
  "e2e/forms.",
  "e2e/chaos.",
  "e2e/odd.",
  "e2e/talk.",
  "e2e/",
  "ground/page",
  "unit/views/kinds.properties.",
  "unit/views/views.properties.",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex((name) => moduleId.includes(`/test/${name}`));
      return found < 0 ? LONG.length : found;
    };
    return [...files].sort((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

/** They put the clock of undici's timers under the test's control, which it takes once, when it is loaded. */
const OF_TIMERS = ["test/api/time-limits.test.ts", "test/api/twin-timeouts.test.ts"];

export default defineConfig({
  test: {
    // How long a test waits says nothing about how fast a machine is: these end what hangs, and a wait in vain
    // (60 s, test/support/waiting.ts) ends before them and says what it waited for.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // The end-to-end tests wait much of their time, but each starts a bot: two files of three tests at a time are what
    // two cores carry without being late with what is promised to Slack.
    maxWorkers: 2,
    maxConcurrency: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // A process of its own for each of two hundred files would cost more than most of their tests.
        extends: true,
        test: {
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: OF_TIMERS,
          isolate: false,
          setupFiles: ["test/support/real-clock.ts"],
        },
      },
      { extends: true, test: { name: "apart", include: OF_TIMERS } },
    ],
  },
});
