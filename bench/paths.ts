import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { countsOf, type Figures, medianOf, pathFigures } from "./paths/figures.ts";
import { type Scenario, scenarios } from "./paths/scenarios.ts";
import { type Row, tableOf } from "./paths/table.ts";
import { startTracedWorld, type TracedBuild, traceBuild } from "./paths/world.ts";

/**
 * How long the way is through the code: for a command, a press, a reminder, a step of a stream and a notice, how many
 * functions are called, in how many files, how often the path comes back to a folder that it had left, and how many
 * commands Redis and requests Arga get. Another commit can be measured, too: `--dist DIR`. See README.md.
 */

const { values } = parseArgs({
  options: {
    dist: { type: "string" },
    depth: { type: "string", default: "1" },
    times: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    before: { type: "string" },
    most: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
  },
});

const build = traceBuild(values.dist);
try {
  const rows: Row[] = [];
  for (const scenario of scenarios.filter(({ name }) => name.includes(values.only)))
    rows.push(...(await measure(build, scenario)));
  console.log(
    values.json
      ? JSON.stringify(rows, null, 2)
      : tableOf(rows, { before: earlier(), most: Number(values.most) }),
  );
} finally {
  build.remove();
}

/** The rows of another build, as `--json` wrote them. */
function earlier(): Row[] {
  return values.before ? (JSON.parse(readFileSync(values.before, "utf8")) as Row[]) : [];
}

async function measure(build: TracedBuild, scenario: Scenario): Promise<Row[]> {
  const each = new Map<string, Figures[]>();
  for (let n = 0; n < Number(values.times); n++)
    for (const [name, figures] of await once(build, scenario))
      each.set(name, [...(each.get(name) ?? []), figures]);
  return [...each].map(([name, all]) => ({ name, figures: medianOf(all), each: all }));
}

/** In a world of its own, so that no other run is under way and no sweep is near. */
async function once(build: TracedBuild, scenario: Scenario): Promise<[string, Figures][]> {
  const world = await startTracedWorld(build, scenario.arga, scenario.env ?? {});
  try {
    await scenario.prepare(world);
    await world.quiet();
    await world.bot.begin();
    const begun = Date.now();
    await scenario.act(world);
    await world.quiet();
    const { calls, answeredAt } = await world.bot.end();
    const upTo = (end: number, isPart: boolean): Figures => {
      const isIn = ({ at }: { at: number }): boolean => at >= begun && at <= end;
      const api = world.slack.log.filter(({ kind }) => kind === "api" || kind === "response_url");
      return {
        isPart,
        ...pathFigures(
          calls.filter(([, at]) => at <= end),
          build.functions,
          Number(values.depth),
        ),
        redis: countsOf(world.redis.commands.filter(isIn).map(({ name }) => name)),
        arga: countsOf(world.arga.requests.filter(isIn).map(({ route }) => route)),
        slack: countsOf(api.filter(isIn).map(({ method }) => method)),
      };
    };
    const answered = scenario.untilAnswered;
    const whole: [string, Figures] = [scenario.name, upTo(Number.POSITIVE_INFINITY, false)];
    return answered ? [[answered, upTo(answeredAt[0] ?? 0, true)], whole] : [whole];
  } finally {
    await world.stop();
  }
}
