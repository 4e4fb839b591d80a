import axe from "axe-core";
import type { Page } from "playwright-core";

interface AxeResults {
  violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
}

/** What axe finds in the page that is serious or worse, in lines; by these rules alone if some are named. */
export async function seriousFaults(page: Page, rules: readonly string[] = []): Promise<string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.addScriptTag({ content: axe.source });
  // What holds is not described one by one, which takes axe most of its time.
  const options = JSON.stringify({
    resultTypes: ["violations"],
    ...(rules.length > 0 ? { runOnly: rules } : {}),
  });
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${options})`);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}
