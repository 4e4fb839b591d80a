import { z } from "zod";
import { messageOf } from "../../base/errors.ts";
import { type Line, nearest, shown, UsageError } from "../../kinds/grammar.ts";
import { repoOf } from "../../kinds/targets.ts";
import type { TestEntry } from "../../store/arga-cache.ts";
import type { Cache, Cached } from "../../store/cache.ts";
import { basicContent, type Content } from "../../views/card.ts";
import { catalogList } from "../../views/lists.ts";
import { textWithQuote } from "../../views/replies.ts";
import { scenarioList, testList } from "../../views/tests.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { replyToUser } from "../shared/tell.ts";

/** How long Arga may take before an older list is shown, in ms. */
const PATIENCE_MS = 2_500;

/** Shows something of Arga's at once if it is fresh; otherwise Arga is asked, and what was seen last serves while it is away. */
async function showKnown<T>(
  context: HandlerContext,
  interaction: Interaction,
  known: Cache<T>,
  view: (seen: Cached<T>) => Content,
): Promise<Content | undefined> {
  const seen = await known.peek();
  if (seen?.isFresh) return view(seen);
  context.waitUntil(fetchAndTell(context, interaction, known, view));
  return undefined;
}

async function fetchAndTell<T>(
  context: HandlerContext,
  interaction: Interaction,
  known: Cache<T>,
  view: (seen: Cached<T>) => Content,
): Promise<void> {
  const before = await known.peek();
  const content = await known.refresh(before ? AbortSignal.timeout(PATIENCE_MS) : undefined).then(
    (value) => view({ value, isFresh: true }),
    (error: unknown) =>
      before
        ? view({ ...before, isFresh: false })
        : textWithQuote("Arga cannot be asked for that right now.", messageOf(error)),
  );
  await replyToUser(context, interaction, content);
}

export const showCatalog = (
  context: HandlerContext,
  interaction: Interaction,
): Promise<Content | undefined> =>
  showKnown(context, interaction, context.argaCache.catalog, ({ value, isFresh }) =>
    catalogList(value, isFresh),
  );

/** `/arga tests [o/r]`. */
export async function showTests(
  context: HandlerContext,
  interaction: Interaction,
  line: Line,
): Promise<Content | undefined> {
  const [word] = line.words;
  const repo = word === undefined ? undefined : repoOf(word, "/arga tests acme/shop");
  return await testsPage(context, interaction, { page: 0, repo });
}

const turn = z.object({ page: z.number(), repo: z.string().optional() });

/** A press on Next or Previous: the list is replaced where it stands. */
export async function turnTests(
  context: HandlerContext,
  interaction: Interaction,
  value: string | undefined,
): Promise<void> {
  const to = turn.parse(JSON.parse(value ?? "{}"));
  const { url } = interaction.reply;
  // Pages of one list belong together, however long somebody reads.
  const seen = await context.argaCache.tests.peek();
  if (!seen || !url) return;
  const content = testsView(seen, to);
  context.waitUntil(context.slack.respond(url, { replace_original: true, ...basicContent(content) }));
}

interface Page {
  page: number;
  repo?: string | undefined;
}

const testsPage = (
  context: HandlerContext,
  interaction: Interaction,
  to: Page,
): Promise<Content | undefined> =>
  showKnown(context, interaction, context.argaCache.tests, (seen) => testsView(seen, to));

function testsView({ value, isFresh }: Cached<TestEntry[]>, { page, repo }: Page): Content {
  const fitting = repo ? value.filter((test) => test.repo?.toLowerCase() === repo.toLowerCase()) : value;
  return testList(fitting, { page, repo, isFresh });
}

/** `/arga scenarios [twin]`. */
export async function showScenarios(
  context: HandlerContext,
  interaction: Interaction,
  line: Line,
): Promise<Content | undefined> {
  const twin = line.words[0]?.toLowerCase();
  const catalog = await context.argaCache.catalog.peek();
  const names = catalog?.value.map(({ name }) => name) ?? [];
  if (twin && catalog?.isFresh && !names.includes(twin)) {
    const near = nearest(twin, names);
    throw new UsageError(
      `Arga has no twin ${shown(twin)}${near ? `; did you mean \`${near}\`?` : ". `/arga catalog` lists them all."}`,
      `/arga scenarios ${near ?? "stripe"}`,
    );
  }
  return await showKnown(context, interaction, context.argaCache.scenarios, ({ value, isFresh }) =>
    scenarioList(value, twin, isFresh),
  );
}
