import { rmSync } from "node:fs";
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import type { MutationTestingPlanReadyEvent, Reporter } from "@stryker-mutator/api/report";

interface Reach {
  made: number;
  missed: number;
  lines: Set<number>;
}

/**
 * Ends the run once it is known which test runs what, and lists what none does: `npm run mutate -- --unreached`. Ends with
 * 1 if there is a file of which no test runs anything.
 */
function unreached(): Reporter {
  return {
    onMutationTestingPlanReady({ mutantPlans }: MutationTestingPlanReadyEvent): void {
      const files = new Map<string, Reach>();
      for (const { mutant, ...plan } of mutantPlans) {
        if (!("runOptions" in plan)) continue;
        const path = mutant.fileName.replace(/^.*?(?=src\/)/, "");
        const reach = files.get(path) ?? { made: 0, missed: 0, lines: new Set() };
        files.set(path, reach);
        reach.made++;
        if (plan.runOptions.testFilter?.length !== 0) continue;
        reach.missed++;
        reach.lines.add(mutant.location.start.line + 1);
      }
      const all = [...files].sort().filter(([, { missed }]) => missed > 0);
      for (const [path, { made, missed, lines }] of all)
        console.log(`${path} (${missed} of ${made}): ${[...lines].sort((a, b) => a - b).join(", ")}`);
      const sum = (of: "made" | "missed"): number => [...files.values()].reduce((n, each) => n + each[of], 0);
      const whole = all.filter(([, { made, missed }]) => made === missed).map(([path]) => path);
      console.log(`${sum("missed")} of ${sum("made")} mutants are reached by no test.`);
      console.log(`Files reached by no test: ${whole.join(", ") || "none"}.`);
      rmSync(".stryker-tmp", { recursive: true, force: true });
      process.exit(whole.length === 0 ? 0 : 1);
    },
  };
}
unreached.inject = [] as const;

export const strykerPlugins = [declareFactoryPlugin(PluginKind.Reporter, "unreached", unreached)];
