import { expect, test } from "vitest";
import { validateMessage } from "../../../sim/slack/blocks/validate.ts";
import { grammars } from "../../../src/handlers/commands/index.ts";
import { greeting, invited, welcome } from "../../../src/views/welcome.ts";
import { copied } from "../support/copied.ts";
import { smuggled } from "../support/scan.ts";

const BOT = "U0BOT";

test.each([
  ["the welcome", welcome(grammars, BOT), 4],
  ["the answer to an invitation", invited(grammars, BOT), 4],
  ["the answer to a greeting", greeting(grammars), 3],
])("%s has examples out of the grammar", (_name, content, least) => {
  expect(validateMessage(content)).toEqual([]);
  expect(smuggled(content, { mentions: [BOT] })).toEqual([]);
  expect(JSON.stringify(content)).not.toContain("@arga");
  const known = grammars.flatMap(({ examples }) => examples);
  expect(copied(content).length).toBeGreaterThanOrEqual(least);
  for (const command of copied(content)) expect(known).toContain(command);
});

test("a bot with fewer commands shows fewer examples", () => {
  const few = grammars.filter(({ name }) => name === "twins" || name === "help");
  expect(copied(welcome(few, BOT))).toEqual([few[0]?.examples[0]]);
});
