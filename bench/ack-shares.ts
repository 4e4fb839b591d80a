import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enter, load, warm } from "./ack.ts";
import { startSurroundings } from "./processes.ts";

/**
 * Of what the processor time of an acknowledgement is made, one at once: V8's profile of ROLE=web. From its sources, so that
 * the profile names files.
 */

/** Whose code it is, and by which of V8's names it's known. */
const PARTS = {
  writes: { title: "writes to sockets", is: ({ url, name }) => url === "" && /^write/.test(name) },
  garbage: { title: "garbage collection", is: ({ name }) => name === "(garbage collector)" },
  clients: {
    title: "ioredis and BullMQ",
    is: ({ url }) => /node_modules\/(?:ioredis|@ioredis|redis-[a-z]+|bullmq|msgpackr)\//.test(url),
  },
  packages: { title: "Bolt and other packages", is: ({ url }) => url.includes("node_modules/") },
  ours: { title: "this bot's own code", is: ({ url }) => url.includes("/src/") },
  node: { title: "the rest of Node: HTTP, streams, the signature, timers", is: () => true },
} satisfies Record<string, { title: string; is: (frame: { url: string; name: string }) => boolean }>;

type Part = keyof typeof PARTS;
export const PARTS_OF_ACK = Object.entries(PARTS).map(([part, { title }]) => [part as Part, title] as const);

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  /** Microseconds before each sample. */
  timeDeltas: number[];
}

/** The parts' shares of the time that it wasn't idle, 0 to 1. */
export async function measureShares(seconds: number): Promise<Record<Part, number>> {
  const folder = mkdtempSync(join(tmpdir(), "arga-slack-profile-"));
  const around = await startSurroundings();
  try {
    // Node's own way to run TypeScript changes nothing but types, and so nothing of what takes time.
    const typed = ["--experimental-transform-types", "--disable-warning=ExperimentalWarning"];
    const args = ["--cpu-prof", `--cpu-prof-dir=${folder}`, ...typed, "src/app.ts"];
    const bot = await enter(around, args, "web");
    try {
      await warm(around.slack, bot, 3_000);
      await load(around.slack, bot, 1, seconds);
      // It writes its profile as it ends by itself.
      bot.child.kill("SIGTERM");
      await once(bot.child, "exit");
    } finally {
      await bot.stop();
    }
    const main = readdirSync(folder).find((name) => /\.0\.\d+\.cpuprofile$/.test(name)) ?? "";
    return sharesOf(JSON.parse(readFileSync(join(folder, main), "utf8")) as Profile, seconds);
  } finally {
    await around.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of the last `seconds`: before, it started and was warmed. */
function sharesOf({ nodes, samples, timeDeltas }: Profile, seconds: number): Record<Part, number> {
  const frames = new Map(
    nodes.map(({ id, callFrame: { url, functionName } }) => [id, { url, name: functionName }]),
  );
  const shares: Record<Part, number> = { writes: 0, garbage: 0, clients: 0, packages: 0, ours: 0, node: 0 };
  let left = seconds * 1_000_000;
  let busy = 0;
  for (let n = samples.length - 1; n >= 0 && left > 0; n--) {
    const took = timeDeltas[n] ?? 0;
    left -= took;
    const frame = frames.get(samples[n] ?? 0);
    if (!frame || frame.name === "(idle)") continue;
    const [part] = Object.entries(PARTS).find(([, { is }]) => is(frame)) ?? ["node"];
    shares[part as Part] += took;
    busy += took;
  }
  for (const part of Object.keys(shares) as Part[]) shares[part] /= busy;
  return shares;
}
