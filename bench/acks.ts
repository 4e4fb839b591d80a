import { ackLines, type Contender, measureAcks } from "./ack.ts";
import { measureShares } from "./ack-shares.ts";
import { emit, type Samples, say } from "./emit.ts";

/** The acknowledgements as a process of their own: `… ROUNDS SECONDS MOST_SECONDS CONTENDER,…`. `npm run build` first. */

const [rounds = "5", seconds = "1", mostSeconds = "110", names] = process.argv.slice(2);
const found = await measureAcks({
  rounds: Number(rounds),
  seconds: Number(seconds),
  mostSeconds: Number(mostSeconds),
  say,
  ...(names ? { contenders: names.split(",") as Contender[] } : {}),
});
for (const line of ackLines(found)) say(line);
const samples: Samples = {};
for (const [name, byConcurrency] of Object.entries(found))
  for (const [concurrency, rows] of Object.entries(byConcurrency ?? {}))
    for (const figure of ["perSecond", "p50", "p99", "cpu"] as const)
      samples[`${name} ${concurrency} ${figure}`] = rows.map((row) => row[figure]);
if (names === undefined)
  for (const [part, share] of Object.entries(await measureShares(4))) samples[`share ${part}`] = [share];
emit(samples);
