import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Samples } from "./emit.ts";
import { pageOf } from "./page.ts";
import { drawPlot } from "./plot.ts";
import { type Found, judged, quickLines } from "./rows.ts";

/**
 * Measures all that docs/performance.md says, side by side on this machine, and writes it, its plot and the figures themselves:
 * `npm run bench`. With `--quick`, only what takes little time, as ratios to the figures that were written last; nothing is
 * written. `--only NAME,…` measures some, and writes nothing. See README.md here.
 */

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "5" },
    /** Measures nothing: writes the page anew, of the figures that were written last. */
    page: { type: "boolean", default: false },
  },
});

interface Bench {
  name: string;
  args: string[];
  /** After that it's ended, and its rows say so. */
  mostSeconds: number;
}

const bench = (name: string, mostSeconds: number, ...args: (string | number)[]): Bench => ({
  name,
  args: args.map(String),
  mostSeconds,
});

/** What takes processors is measured alone, one after the other; what takes time, side by side. */
const ALONE: Record<string, Bench> = {
  acks: bench("acks", 200, values.rounds, 0.7, 120),
  idle1000: bench("many-runs", 75, 1_000, 40),
  idle10000: bench("many-runs", 125, 10_000, 40, 4),
  walking: bench("walking-runs", 100, 1_000, 45),
  presses: bench("presses", 110, 4),
};
const TOGETHER_MOST = 335;
const TOGETHER: Record<string, Bench> = {
  edits: bench("edits", TOGETHER_MOST, 2),
  short: bench("short-runs", TOGETHER_MOST, 36),
  watch: bench("status-lag", TOGETHER_MOST, "usual", 60),
  storm60: bench("storm", TOGETHER_MOST, 60, 60),
  storm1000: bench("storm", TOGETHER_MOST, 1_000, 100),
  storm100: bench("storm", TOGETHER_MOST, 100, 1),
};
const QUICK: Record<string, Bench> = {
  acks: bench("acks", 60, 3, 0.5, 30, "web,bullmq"),
  idle1000: bench("many-runs", 50, 1_000, 15),
};

const FIGURES = fileURLToPath(new URL("figures.json", import.meta.url));
const PAGE = fileURLToPath(new URL("../docs/performance.md", import.meta.url));
const PLOT = fileURLToPath(new URL("../docs/pictures/performance.svg", import.meta.url));

const begun = Date.now();
const running = new Set<ChildProcess>();
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => {
    // Not killed: each ends what it started.
    for (const child of running) child.kill("SIGTERM");
    process.exit(1);
  });
const only = values.only.split(",").filter(Boolean);
const chosen = (all: Record<string, Bench>): [string, Bench][] =>
  Object.entries(all).filter(([key]) => only.length === 0 || only.includes(key));

if (values.page) {
  const { found, about, seconds } = written();
  writePage(found, about, seconds);
  process.exit();
}

const found: Found = {};
for (const [key, each] of chosen(values.quick ? QUICK : ALONE)) found[key] = await measure(key, each);
if (!values.quick) {
  const pairs = chosen(TOGETHER);
  const all = await Promise.all(pairs.map(([key, each]) => measure(key, each)));
  for (const [n, [key]] of pairs.entries()) found[key] = all[n];
}

if (values.quick) {
  console.log(quickLines(found, existsSync(FIGURES) ? written().found : {}).join("\n"));
} else if (only.length > 0) {
  for (const { what, measured, verdict } of judged(found))
    if (measured !== "?") console.log(`${what}: ${measured} ${verdict}`);
} else {
  const about = machine();
  const seconds = Math.round((Date.now() - begun) / 1_000);
  writeFileSync(FIGURES, `${JSON.stringify({ about, seconds, found: rounded(found) }, null, 1)}\n`);
  writePage(found, about, seconds);
  console.log(`docs/performance.md is written, after ${seconds} s.`);
}

function written(): { about: string[]; seconds: number; found: Found } {
  return JSON.parse(readFileSync(FIGURES, "utf8")) as { about: string[]; seconds: number; found: Found };
}

function writePage(found: Found, about: readonly string[], seconds: number): void {
  writeFileSync(PLOT, drawPlot(found));
  writeFileSync(PAGE, pageOf(found, about, seconds));
}

/** Undefined where it failed or took too long: its rows then say that they weren't measured. */
async function measure(key: string, { name, args, mostSeconds }: Bench): Promise<Samples | undefined> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", fileURLToPath(new URL(`${name}.ts`, import.meta.url)), ...args],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  running.add(child);
  // SIGTERM first, so that what it started goes with it.
  const late = setTimeout(() => child.kill("SIGTERM"), mostSeconds * 1_000);
  let out = "";
  let last = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    last = chunk.toString().trim();
    progress(`${key}: ${last.split("\n").at(-1)}`);
  });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearTimeout(late);
  running.delete(child);
  const line = out.trim().split("\n").at(-1) ?? "";
  if (code === 0 && line.startsWith("{")) return JSON.parse(line) as Samples;
  progress(
    `${key}: not measured (${code === null ? `took longer than ${mostSeconds} s` : last.slice(-500)})`,
  );
  return undefined;
}

function progress(line: string): void {
  const seconds = String(Math.round((Date.now() - begun) / 1_000)).padStart(4);
  process.stderr.write(`${seconds} s  ${line.slice(0, 160)}\n`);
}

function machine(): string[] {
  const git = (...args: string[]): string => {
    try {
      return execFileSync("git", args, { encoding: "utf8" }).trim();
    } catch {
      return "";
    }
  };
  const redis = execFileSync("redis-server", ["--version"], { encoding: "utf8" });
  const version = (name: string): string =>
    (
      JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8")) as {
        version: string;
      }
    ).version;
  return [
    `${cpus().length} × ${cpus()[0]?.model.trim() ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${release()}`,
    `Node ${process.version}, ${/v=([\d.]+)/.exec(redis)?.[1] ? `Redis ${/v=([\d.]+)/.exec(redis)?.[1]}` : "Redis"}, Bolt ${version("@slack/bolt")}, BullMQ ${version("bullmq")}, ioredis ${version("ioredis")}`,
    `commit ${git("rev-parse", "--short=12", "HEAD")}${git("status", "--porcelain", "--", "src") === "" ? "" : " and changes on top"}, ${new Date().toISOString().slice(0, 10)}`,
  ];
}

function rounded(all: Found): Found {
  return Object.fromEntries(
    Object.entries(all).map(([key, samples]) => [
      key,
      samples &&
        Object.fromEntries(
          Object.entries(samples).map(([name, list]) => [name, list.map((n) => Number(n.toPrecision(4)))]),
        ),
    ]),
  );
}
