import { expect, test } from "vitest";
import { runChaos } from "../support/chaos/engine.ts";

/** A short part of `npm run chaos`: what is looked for is the same, how fast it comes is not. */

/** All that promises turn on: who is killed in the middle of what, and what comes twice or not at all. */
const TROUBLES = [
  "a web process killed",
  "a worker killed after its create had its effect",
  "workers killed after a post had its effect",
  "a clock that jumps, and back",
  "Redis killed",
  "Redis failed over",
  "Slack: half an answer",
  "Arga: an answer lost",
  "forty people on one Rerun",
];

test("what is typed while everything breaks ends in one run or one answer each, and nothing leaks", async () => {
  const result = await runChaos({
    commands: 60,
    seed: 20_261_126,
    pace: { command: 250, trouble: 200 },
    roles: ["web", "web", "worker", "worker"],
    troubles: TROUBLES,
    settleMs: 120_000,
  });
  const wrong = Object.entries(result.wrong).flatMap(([what, names]) =>
    names.map((name) => `${what}: ${name}`),
  );
  expect(wrong).toEqual([]);
  expect(result.secrets).toEqual([]);
  // It was chaos, and something came of it all the same.
  expect(result.troubles.size).toBeGreaterThan(3);
  expect(result.fates.cards).toBeGreaterThan(5);
  expect(result.fates.runs).toBeGreaterThan(5);
});
