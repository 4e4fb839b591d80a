import { CONCURRENCIES, CONTENDERS } from "./ack.ts";
import { quantile, shown, spread } from "./numbers.ts";
import { type Found, judged } from "./rows.ts";

/** The page of figures, as `npm run bench` writes it. */
export function pageOf(found: Found, about: readonly string[], seconds: number): string {
  const rows = judged(found);
  return `${[
    "# Performance",
    "",
    `Written by \`npm run bench\`, in ${Math.round(seconds / 60)} minutes on one machine with everything on it: the bot, its Redis, the peers, a local Slack and`,
    "a local Arga, over loopback. Times are those of that machine; ratios say more. How each is measured is in",
    "[bench/README.md](../bench/README.md), and every figure in `bench/figures.json`.",
    "",
    ...about.map((line) => `- ${line}`),
    "",
    "![Requests a second and processor time of each contender](pictures/performance.svg)",
    "",
    "## Marks",
    "",
    "The median of the rounds, with the lowest and the highest.",
    "",
    "| what | was | mark | measured | met |",
    "| --- | ---: | ---: | ---: | --- |",
    ...rows.map(
      ({ what, was, mark, measured, verdict }) => `| ${what} | ${was} | ${mark} | ${measured} | ${verdict} |`,
    ),
    "",
    ...missed(rows),
    "## Acknowledgements",
    "",
    `\`/arga twins stripe 60\`, signed as Slack signs it, ${CONCURRENCIES.join(", ")} at once. The first five run at the same time and take turns in every round; so do the next two.`,
    "",
    ...acks(found),
    "",
    "The peers are as their documentation says. Bare node:http checks the signature and answers; bare Bolt acknowledges; neither keeps",
    "anything. Bolt + one BullMQ add keeps a job before the ack, as this bot keeps a run; a delivery that comes twice is kept twice, but for",
    "the peer that looks first. The bot of an afternoon creates the run in its listener, and loses what it was doing with its process.",
    "",
    "## Learning that a run is ready, or over",
    "",
    ...watching(found),
    "",
  ].join("\n")}`;
}

function missed(rows: ReturnType<typeof judged>): string[] {
  const not = rows.filter(({ verdict, why }) => verdict === "**no**" && why !== "");
  if (not.length === 0) return [];
  return [
    "What the floor is made of where a mark isn't met:",
    "",
    ...not.map(({ what, measured, why }) => `- ${what} (${measured}): ${why}`),
    "",
  ];
}

function acks(found: Found): string[] {
  const of = (name: string, n: number, figure: string): string => {
    const values = found.acks?.[`${name} ${n} ${figure}`] ?? [];
    return values.length === 0 ? "?" : spread(values);
  };
  return [
    "| who | at once | requests/s | p50 ms | p99 ms | processor ms a request |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...Object.entries(CONTENDERS).flatMap(([name, { title }]) =>
      CONCURRENCIES.map(
        (n) =>
          `| ${title} | ${n} | ${of(name, n, "perSecond")} | ${of(name, n, "p50")} | ${of(name, n, "p99")} | ${of(name, n, "cpu")} |`,
      ),
    ),
  ];
}

function watching({ short, watch }: Found): string[] {
  const line = (
    title: string,
    lags: number[] | undefined,
    requests: number[] | undefined,
    runs: number,
  ): string =>
    `| ${title} | ${shown(quantile(lags ?? [], 0.5))} | ${shown(quantile(lags ?? [], 0.95))} | ${shown((requests?.[0] ?? Number.NaN) / runs)} |`;
  const runs = short?.["ours lag"]?.length ?? 1;
  return [
    "Twins take 5.5 to 7.5 s at Arga, all equally likely, and nobody is told; the lag ends when Slack shows it. Validations have a stream, and",
    "take 30 s (log-normal, spread 20 %); there the lag ends when the process knows. Requests are those of one run, its creation included",
    "for twins.",
    "",
    "| who | lag p50 ms | lag p95 ms | requests a run |",
    "| --- | ---: | ---: | ---: |",
    line("arga-slack, twins", short?.["ours lag"], short?.["ours requests"], runs),
    line("the bot of an afternoon, twins", short?.["afternoon lag"], short?.["afternoon requests"], runs),
    line("arga-slack, validations", watch?.["ours lag"], watch?.["ours requests"], 1),
    line("the SDK's wait loop, validations", watch?.["sdk lag"], watch?.["sdk requests"], 1),
  ];
}
