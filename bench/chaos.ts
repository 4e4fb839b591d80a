import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ChaosResult, runChaos } from "../test/support/chaos/engine.ts";

/**
 * `npm run chaos`: the promises of the bot under fire (test/support/chaos/). Shows how far it is, says what became of all
 * that was typed, and with `--write` writes docs/reliability.md, or docs/reliability-upgrade.md. The same seed makes the same trouble, at moments that
 * depend on the machine. With `--upgrade-from COMMIT` that version runs beside this one.
 */

const { values } = parseArgs({
  options: {
    commands: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    /** Milliseconds between two commands. */
    pace: { type: "string", default: "400" },
    /** Only these, or all but these, by name; may be given several times. */
    only: { type: "string", multiple: true },
    without: { type: "string", multiple: true, default: [] },
    "upgrade-from": { type: "string" },
    write: { type: "boolean", default: false },
  },
});

/** Milliseconds within which a killed worker's run must move, and work must go on after Redis is back. */
const MARKS = { moves: 10_000, resumes: 5_000 };

const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8" }).trim();

/** Builds an earlier version in a folder of its own; `app` is what to run. */
function buildOf(commit: string): { app: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), "arga-slack-earlier-"));
  git("worktree", "add", "--force", "--detach", dir, commit);
  if (!existsSync(join(dir, "node_modules")))
    symlinkSync(join(process.cwd(), "node_modules"), join(dir, "node_modules"));
  execFileSync("npm", ["run", "--silent", "build"], { cwd: dir, stdio: "inherit" });
  const remove = (): void => {
    git("worktree", "remove", "--force", dir);
    rmSync(dir, { recursive: true, force: true });
  };
  return { app: join(dir, "dist", "app.js"), remove };
}

const seconds = (list: readonly number[]): string =>
  list.length === 0 ? "not measured" : `${(Math.max(...list) / 1000).toFixed(1)} s, of ${list.length} times`;

function tableOf(result: ChaosResult): string {
  const { fates, wrong, moves, resumes, starts } = result;
  const rows: [string, string | number][] = [
    ["commands typed, each brought twice", result.commands],
    ["answered at once", fates.answeredAtOnce],
    ["accepted, to be done or answered later", fates.accepted],
    ["runs made at Arga", fates.runs],
    ["cards", fates.cards],
    ["told that nobody can tell whether it started", fates.unknown],
    ["private answers said again, for Slack's word on them was lost", fates.saidAgain],
    ...Object.entries(wrong).map(([name, { length }]): [string, number] => [name, length]),
    ["cards out of date a minute after the last trouble", result.stale.length],
    ["places with a secret (Redis, log, messages)", result.secrets.length],
    ["calls that Slack refused for being too many", result.provoked.length],
    ["a killed worker's run moves within, at most, on its card or in its thread", seconds(moves)],
    ["a new command has its card after Redis is back within, at most", seconds(resumes)],
    ["a killed process's successor is ready within, at most", seconds(starts)],
    ["from the last trouble until all of it was so", `${(result.settledMs / 1000).toFixed(0)} s`],
  ];
  return ["| what | |", "| --- | --- |", ...rows.map(([what, value]) => `| ${what} | ${value} |`)].join("\n");
}

const troublesOf = ({ troubles }: ChaosResult): string => {
  const sum = [...troubles.values()].reduce((total, n) => total + n, 0);
  const list = [...troubles].sort(([a], [b]) => a.localeCompare(b)).map(([name, n]) => `${name} ${n}`);
  return `${sum} troubles: ${list.join(" · ")}.`;
};

const [{ model = "unknown" } = {}] = cpus();
const upgrade = values["upgrade-from"];

const [PAGE, TITLE] =
  upgrade === undefined
    ? ["docs/reliability.md", "Reliability"]
    : ["docs/reliability-upgrade.md", "A rolling upgrade, and its way back"];

const pageOf = (result: ChaosResult): string => `# ${TITLE}

What [\`npm run chaos\`](../bench/chaos.ts) found when it was run last: ${result.commands} commands of every kind, typed by forty people in
twenty channels. Two processes take what Slack brings and two work; the first part comes by HTTP, the rest by sockets; every delivery
comes twice. Meanwhile, one after another, processes are killed, drained${upgrade ? ", upgraded and downgraded" : ""} and have their
clocks set, Redis is killed, silent, full, read-only and failed over, the local Slack and Arga refuse, hang, lose answers and talk
nonsense, and forty people press one button. The bot is the built one; nothing in it knows of this.

Commit ${git("rev-parse", "--short", "HEAD")}${upgrade ? `, beside ${git("rev-parse", "--short", upgrade)}` : ""}, seed ${values.seed}, Node ${process.version},
${cpus().length} × ${model}.${values.without.length > 0 ? ` Left out: ${values.without.join("; ")}.` : ""}

${tableOf(result)}

${troublesOf(result)}

A command counts as accepted when Slack got its 200 within three seconds and the person wasn't answered at once. One that wasn't
accepted may have been taken all the same; it's held to the same rules but for being lost. When the answer to a start is lost, nobody
can tell whether Arga has a run: the card says so, and no second one is started. The rows in the middle, from *lost* to *secret*,
must be nothing; the next two rows of times have 10 s and 5 s as their marks.

A short part with other seeds belongs to the tests: \`test/e2e/chaos.test.ts\`.
`;

/** What must not be, and what took too long. */
function faultsIn({ wrong, secrets, stale, moves, resumes }: ChaosResult): Record<string, unknown> {
  const late = (list: readonly number[], most: number): number[] => list.filter((ms) => ms > most);
  const all = {
    ...wrong,
    secrets,
    "cards out of date a minute after the last trouble": stale,
    "killed workers' runs that moved late": late(moves, MARKS.moves),
    "work that resumed late": late(resumes, MARKS.resumes),
  };
  return Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0));
}

let last = "";
const say = (line: string): void => {
  if (line === last) return;
  last = line;
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
};

const earlier = upgrade === undefined ? undefined : buildOf(upgrade);
try {
  const result = await runChaos({
    commands: Number(values.commands),
    seed: Number(values.seed),
    pace: { command: Number(values.pace), trouble: 1_500 },
    roles: ["web", "web", "worker", "worker"],
    ...(values.only ? { troubles: values.only } : {}),
    without: values.without,
    socketsFrom: 0.6,
    otherApp: earlier?.app,
    settleMs: 150_000,
    staleAfterMs: 60_000,
    say,
  });
  process.stderr.write("\n");
  console.log(`${tableOf(result)}\n\n${troublesOf(result)}`);
  if (result.provoked.length > 0) console.log(`Refused for being too many: ${result.provoked.join("; ")}.`);
  const faults = faultsIn(result);
  if (Object.keys(faults).length > 0) {
    console.log(JSON.stringify(faults, undefined, 1));
    process.exitCode = 1;
  }
  if (values.write) writeFileSync(PAGE, pageOf(result));
} finally {
  earlier?.remove();
}
