import { afterEach, beforeEach, expect, test } from "vitest";
import { validateMessage } from "../../../sim/slack/blocks/validate.ts";
import { runCommand } from "../../../src/handlers/commands/run-command.ts";
import type { Interaction } from "../../../src/handlers/shared/context.ts";
import { type Bench, type ContextBench, startBench, startContext } from "../support/notices.ts";

let bench: Bench;
let atContext: ContextBench;

beforeEach(async () => {
  bench = await startBench();
  atContext = await startContext(bench);
});

afterEach(async () => {
  await atContext.end();
  await bench.stop();
});

function asked(by: string): Interaction {
  const { teamId: team } = bench.slack;
  const { id, name } = bench.slack.user(by);
  const channel = bench.slack.channel("dev").id;
  const reply = { user: id, channel, at: Date.now() };
  return { team, actor: { id, name, channel }, reply, key: "delivery1", trigger: "", hidden: false };
}

/** Admins are named in the settings. */
const withAdmin = (name: string): ContextBench["context"] => ({
  ...atContext.context,
  config: { ...atContext.context.config, admins: new Set([bench.slack.user(name).id]) },
});

test("an admin is told alone what is wrong, once for one delivery", async () => {
  const context = withAdmin("alice");
  expect(await runCommand(context, asked("alice"), "doctor")).toBeUndefined();
  expect(await runCommand(context, asked("alice"), "doctor")).toBeUndefined();
  await atContext.done();
  const told = bench.slack.ephemerals("alice", "dev");
  expect(told).toHaveLength(1);
  const [{ text = "", blocks = [] } = {}] = told;
  expect(validateMessage({ text, blocks })).toEqual([]);
  const said = JSON.stringify(blocks);
  // Nothing listens at this bench's address of Arga.
  expect(said).toContain("Arga can't be reached");
  expect(said).toContain("Redis");
  for (const secret of [bench.slack.botToken, bench.slack.signingSecret]) expect(said).not.toContain(secret);
  expect(bench.slack.messages("dev")).toEqual([]);
});

test("anyone else is refused, and nothing is looked at", async () => {
  const answer = await runCommand(withAdmin("alice"), asked("bob"), "doctor");
  expect(JSON.stringify(answer)).toContain("Only an admin");
  await atContext.done();
  expect(bench.slack.ephemerals("bob", "dev")).toEqual([]);
});
