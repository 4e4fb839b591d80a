import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest begins first, so that no worker is left with it at the end. */
const LONG = [/e2e\/crash/, /e2e\/process/, /e2e\/forms/, /e2e\//, /ground\/demo/];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex((pattern) => pattern.test(moduleId));
      return found < 0 ? LONG.length : found;
    };
    return [...files].sort((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // How long a test waits says nothing about how fast a machine is: these end what hangs, and a wait in vain
    // (60 s, test/support/waiting.ts) ends before them and says what it waited for.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // Tests start real servers and child processes; two files at a time is what two cores carry.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
