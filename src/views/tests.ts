import type { Button, KnownBlock, SectionBlock } from "@slack/types";
import { isTwinName, typed } from "../kinds/targets.ts";
import { type ActionId, suffixed } from "../slack/ids.ts";
import type { ScenarioEntry, TestEntry } from "../store/arga-cache.ts";
import type { Content } from "./card.ts";
import { LIMITS } from "./limits.ts";
import { commandButton, textContent } from "./replies.ts";
import { code, counted, cutMarkup, note, plain, safe, section } from "./text.ts";
import { MAY_BE_OLD } from "./words.ts";

/** Saved tests on one page of a message: each takes a block, and pages are quick to turn. */
const PAGE = 10;
/** Characters of all blocks of one message, and of one test in it; Slack takes some 13,000. */
const ROOM = { message: 11_000, test: 1_050 };

export interface TestsPage {
  /** From 0. */
  page: number;
  repo?: string | undefined;
  /** false: Arga does not answer right now. */
  isFresh: boolean;
}

/** The saved tests, each with a button to run it. */
export function testList(all: readonly TestEntry[], { page, repo, isFresh }: TestsPage): Content {
  // The same id twice would be the same block twice, and Slack would take none of it.
  const tests = [...new Map(all.map((test) => [test.id.slice(0, 200), test])).values()];
  const whose = repo ? ` for ${code(repo)}` : "";
  if (tests.length === 0)
    return textContent(
      `No saved tests${whose} yet. Save one in Arga's web app, or try ${code("/arga test https://example.com what to test")}`,
    );
  const pages = Math.ceil(tests.length / PAGE);
  const here = Math.min(Math.max(0, page), pages - 1);
  const shown = tests.slice(here * PAGE, (here + 1) * PAGE);
  const age = isFresh ? "" : `${MAY_BE_OLD} `;
  const head = counted(tests.length, "saved test");
  return {
    text: cutMarkup(`${head}: ${shown.map((test) => nameOf(test, 60)).join(", ")}`, LIMITS.text),
    blocks: [
      section(`*${head}*${whose}${pages > 1 ? ` · page ${here + 1} of ${pages}` : ""}`),
      ...shown.map((test) => testBlock(test, isNamesake(test, tests))),
      ...turns(here, pages, repo),
      note(`${age}${code('/arga run "NAME" URL')} runs one on another page`),
    ],
  };
}

const nameOf = ({ id, name }: TestEntry | ScenarioEntry, limit: number): string =>
  safe(name, limit) || safe(id, limit) || "(unnamed)";

/** Whether a name alone doesn't say which of them is meant. */
const isNamesake = ({ name }: TestEntry, all: readonly TestEntry[]): boolean =>
  all.filter((each) => each.name.toLowerCase() === name.toLowerCase()).length > 1;

function testBlock(test: TestEntry, needsId: boolean): KnownBlock {
  const facts = [
    test.url ? safe(test.url, 120) : "",
    test.repo ? safe(test.repo, 100) : "",
    needsId ? code(test.id, 100) : "",
  ];
  const prompt = test.prompt ? safe(test.prompt, 150) : "";
  const lines = [`*${nameOf(test, 120)}*`, facts.filter(Boolean).join(" · "), prompt];
  return {
    ...section(cutMarkup(lines.filter(Boolean).join("\n"), ROOM.test)),
    block_id: `test:${test.id.slice(0, 200)}`,
    accessory: runButton(test),
  };
}

/** Runs that saved test, for whoever presses. */
export const runButton = ({ id }: Pick<TestEntry, "id">): Button => ({
  type: "button",
  action_id: "tests.run" satisfies ActionId,
  text: plain("Run", LIMITS.buttonText),
  value: id.slice(0, LIMITS.optionValue),
});

function turns(page: number, pages: number, repo: string | undefined): KnownBlock[] {
  const button = (text: string, to: number): Button => ({
    type: "button",
    action_id: suffixed("tests.page", to),
    text: plain(text, LIMITS.buttonText),
    value: JSON.stringify({ page: to, ...(repo ? { repo } : {}) }),
  });
  const elements = [
    ...(page > 0 ? [button("Previous", page - 1)] : []),
    ...(page < pages - 1 ? [button("Next", page + 1)] : []),
  ];
  return elements.length > 0 ? [{ type: "actions", elements }] : [];
}

const SCENARIOS_SHOWN = 30;

/** Scenarios and presets to seed twins with. */
export function scenarioList(
  all: readonly ScenarioEntry[],
  twin: string | undefined,
  isFresh: boolean,
): Content {
  const fitting = twin ? all.filter(({ twins }) => twins.includes(twin)) : all;
  const whose = twin ? ` for ${code(twin)}` : "";
  if (fitting.length === 0)
    return textContent(
      `No scenarios${whose} yet. You can describe the data instead: ${code('/arga twins stripe 60 --prompt "one customer with a past due invoice"')}`,
    );
  const lines = within(ROOM.message, fitting.slice(0, SCENARIOS_SHOWN).map(scenarioLine));
  const listed = fitting.slice(0, lines.length);
  const rest = fitting.length - lines.length;
  const head = counted(fitting.length, "scenario");
  const age = isFresh ? "" : `${MAY_BE_OLD} `;
  return {
    text: cutMarkup(`${head}: ${listed.map((entry) => nameOf(entry, 60)).join(", ")}`, LIMITS.text),
    blocks: [
      section(`*${head}*${whose}`),
      ...listed.map((entry, n) => scenarioBlock(entry, n, lines[n] ?? "", twin)),
      note(
        `${age}${rest > 0 ? `and ${rest} more · ` : ""}Use one with ${code(`/arga twins ${twin ?? "stripe"} 60 --scenario "NAME"`)}`,
      ),
    ],
  };
}

/** A press starts its twins with it; one for any twin needs to know which. */
function scenarioBlock(
  { id, twins }: ScenarioEntry,
  n: number,
  line: string,
  twin: string | undefined,
): SectionBlock {
  const names = twins.length > 0 ? twins : twin ? [twin] : [];
  const command = `twins ${names.join(",")} --scenario ${typed(id)}`;
  const isStartable = names.length > 0 && names.every(isTwinName) && command.length <= LIMITS.buttonValue;
  return { ...section(line), ...(isStartable ? { accessory: commandButton(n, "Start", command) } : {}) };
}

function scenarioLine(entry: ScenarioEntry): string {
  const { description, twins, isPreset } = entry;
  const facts = [
    `*${nameOf(entry, 100)}*`,
    ...(isPreset ? ["preset"] : []),
    safe(twins.join(", "), 150) || "any twin",
  ];
  return `${facts.join(" · ")}${description ? `\n${safe(description, 200)}` : ""}`;
}

/** As many of the first lines as have room together. */
function within(room: number, lines: readonly string[]): string[] {
  let total = 0;
  const end = lines.findIndex((line) => {
    total += line.length;
    return total > room;
  });
  return end < 0 ? [...lines] : lines.slice(0, end);
}
