import type { CatalogTwin } from "../../api/catalog.ts";
import { messageOf } from "../../base/errors.ts";
import { type Line, nearest, shown, UsageError } from "../../kinds/grammar.ts";
import { plainWord } from "../../kinds/plain.ts";
import { repoOf } from "../../kinds/targets.ts";
import type { TestEntry } from "../../store/arga-cache.ts";
import type { Cache, Cached } from "../../store/cache.ts";
import type { Content } from "../../views/card.ts";
import { catalogList } from "../../views/lists.ts";
import { textWithQuote } from "../../views/replies.ts";
import { SAVED_NAME_MOST } from "../../views/run-modals.ts";
import { scenarioList, testList } from "../../views/tests.ts";
import { requestAction } from "../operations/request-action.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import type { Command } from "../shared/handlers.ts";
import { replyToUser } from "../shared/tell.ts";
import { findRun } from "./find-run.ts";

/** How long Arga may take before an older list is shown, in ms. */
const PATIENCE_MS = 2_500;

/** Shows something of Arga's at once if it is fresh; otherwise Arga is asked, and what was seen last serves while it is away. */
async function showCached<T>(
  context: HandlerContext,
  interaction: Interaction,
  cache: Cache<T>,
  view: (seen: Cached<T>) => Content,
): Promise<Content | undefined> {
  const seen = await cache.peek();
  if (seen?.isFresh) return view(seen);
  context.waitUntil(fetchAndTell(context, interaction, cache, view));
  return undefined;
}

async function fetchAndTell<T>(
  context: HandlerContext,
  interaction: Interaction,
  cache: Cache<T>,
  view: (seen: Cached<T>) => Content,
): Promise<void> {
  const before = await cache.peek();
  const content = await cache.refresh(before ? AbortSignal.timeout(PATIENCE_MS) : undefined).then(
    (value) => view({ value, isFresh: true }),
    (error: unknown) =>
      before
        ? view({ ...before, isFresh: false })
        : textWithQuote("I can't ask Arga for that right now.", messageOf(error)),
  );
  await replyToUser(context, interaction, content);
}

export const catalog: Command = {
  grammar: {
    name: "catalog",
    group: "see",
    operands: "",
    says: "The twins that Arga offers.",
    flags: {},
    examples: ["/arga catalog"],
  },
  words: 0,
  handle: (context, interaction) =>
    showCached(context, interaction, context.argaCache.catalog, ({ value, isFresh }) =>
      catalogList(value, isFresh),
    ),
};

export const tests: Command = {
  grammar: {
    name: "tests",
    group: "see",
    operands: "[o/r] | save ID NAME",
    says: "The saved tests, each with a button to run it; or keep a finished test as one.",
    flags: {},
    isText: true,
    examples: ["/arga tests", "/arga tests acme/shop", '/arga tests save k7m2qx "Guest checkout"'],
  },
  async handle(context, interaction, line) {
    const [word, extra] = line.words;
    if (word?.toLowerCase() === "save") return await saveTest(context, interaction, line);
    if (extra !== undefined)
      throw new UsageError(`Unexpected argument ${shown(extra)} for \`/arga tests\`.`, "/arga tests");
    const repo = word === undefined ? undefined : repoOf(word, "/arga tests acme/shop");
    return await showCached(context, interaction, context.argaCache.tests, (seen) =>
      testsView(seen, { page: 0, repo }),
    );
  },
};

async function saveTest(
  context: HandlerContext,
  interaction: Interaction,
  line: Line,
): Promise<Content | undefined> {
  const [, id = "", ...rest] = line.words;
  const name = rest.join(" ").trim();
  const example = '/arga tests save k7m2qx "Guest checkout"';
  if (id === "" || name === "")
    throw new UsageError("Which run, and what should the saved test be called?", example);
  if (name.length > SAVED_NAME_MOST)
    throw new UsageError(`That name has ${name.length} characters. Use up to ${SAVED_NAME_MOST}.`, example);
  const run = await findRun(context, interaction, { ...line, words: [plainWord(id)] }, tests.grammar);
  return await requestAction(context, interaction, run, { action: "save", name });
}

interface TestsPage {
  page: number;
  repo?: string | undefined;
}

/** A page of the saved tests. */
export function testsView({ value, isFresh }: Cached<TestEntry[]>, { page, repo }: TestsPage): Content {
  const fitting = repo ? value.filter((test) => test.repo?.toLowerCase() === repo.toLowerCase()) : value;
  return testList(fitting, { page, repo, isFresh });
}

export const scenarios: Command = {
  grammar: {
    name: "scenarios",
    group: "see",
    operands: "[TWIN]",
    says: "What twins can be seeded with.",
    flags: {},
    examples: ["/arga scenarios", "/arga scenarios stripe"],
  },
  words: 1,
  async handle(context, interaction, { words: [word] }) {
    const twin = word?.toLowerCase();
    if (twin) refuseUnknownTwin(twin, await context.argaCache.catalog.peek());
    return await showCached(context, interaction, context.argaCache.scenarios, ({ value, isFresh }) =>
      scenarioList(value, twin, isFresh),
    );
  },
};

function refuseUnknownTwin(twin: string, catalog: Cached<CatalogTwin[]> | undefined): void {
  const names = catalog?.value.map(({ name }) => name) ?? [];
  if (!catalog?.isFresh || names.includes(twin)) return;
  const near = nearest(twin, names);
  throw new UsageError(
    `Arga has no twin ${shown(twin)}${near ? `. Did you mean \`${near}\`?` : ". `/arga catalog` lists them all."}`,
    `/arga scenarios ${near ?? "stripe"}`,
  );
}
