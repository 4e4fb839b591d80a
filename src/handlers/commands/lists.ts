import { z } from "zod";
import { messageOf } from "../../base/errors.ts";
import { type Line, nearest, shown, UsageError } from "../../kinds/grammar.ts";
import { repoOf } from "../../kinds/targets.ts";
import type { TestEntry } from "../../store/arga-cache.ts";
import type { Known, Seen } from "../../store/cache.ts";
import { type Content, plainly } from "../../views/card.ts";
import { catalogList } from "../../views/lists.ts";
import { saysWith } from "../../views/replies.ts";
import { scenarioList, testList } from "../../views/tests.ts";
import type { Desk, Request } from "../shared/context.ts";
import { tell } from "../shared/tell.ts";

/** How long Arga may take before an older list is shown, in ms. */
const PATIENCE_MS = 2_500;

/** Shows something of Arga's at once if it is fresh; otherwise Arga is asked, and what was seen last serves while it is away. */
async function showKnown<T>(
  desk: Desk,
  request: Request,
  known: Known<T>,
  view: (seen: Seen<T>) => Content,
): Promise<Content | undefined> {
  const seen = await known.last();
  if (seen?.isFresh) return view(seen);
  desk.later(fetchAndTell(desk, request, known, view));
  return undefined;
}

async function fetchAndTell<T>(
  desk: Desk,
  request: Request,
  known: Known<T>,
  view: (seen: Seen<T>) => Content,
): Promise<void> {
  const before = await known.last();
  const content = await known.ask(before ? AbortSignal.timeout(PATIENCE_MS) : undefined).then(
    (value) => view({ value, isFresh: true }),
    (error: unknown) =>
      before
        ? view({ ...before, isFresh: false })
        : saysWith("Arga cannot be asked for that right now.", messageOf(error)),
  );
  await tell(desk, request, content);
}

export const showCatalog = (desk: Desk, request: Request): Promise<Content | undefined> =>
  showKnown(desk, request, desk.knowledge.catalog, ({ value, isFresh }) => catalogList(value, isFresh));

/** `/arga tests [o/r]`. */
export async function showTests(desk: Desk, request: Request, line: Line): Promise<Content | undefined> {
  const [word] = line.words;
  const repo = word === undefined ? undefined : repoOf(word, "/arga tests acme/shop");
  return await testsPage(desk, request, { page: 0, repo });
}

const turn = z.object({ page: z.number(), repo: z.string().optional() });

/** A press on Next or Previous: the list is replaced where it stands. */
export async function turnTests(desk: Desk, request: Request, value: string | undefined): Promise<void> {
  const to = turn.parse(JSON.parse(value ?? "{}"));
  const { url } = request.reply;
  // Pages of one list belong together, however long somebody reads.
  const seen = await desk.knowledge.tests.last();
  if (!seen || !url) return;
  const content = testsView(seen, to);
  desk.later(desk.slack.respond(url, { replace_original: true, ...plainly(content) }));
}

interface Page {
  page: number;
  repo?: string | undefined;
}

const testsPage = (desk: Desk, request: Request, to: Page): Promise<Content | undefined> =>
  showKnown(desk, request, desk.knowledge.tests, (seen) => testsView(seen, to));

function testsView({ value, isFresh }: Seen<TestEntry[]>, { page, repo }: Page): Content {
  const fitting = repo ? value.filter((test) => test.repo?.toLowerCase() === repo.toLowerCase()) : value;
  return testList(fitting, { page, repo, isFresh });
}

/** `/arga scenarios [twin]`. */
export async function showScenarios(desk: Desk, request: Request, line: Line): Promise<Content | undefined> {
  const twin = line.words[0]?.toLowerCase();
  const catalog = await desk.knowledge.catalog.last();
  const names = catalog?.value.map(({ name }) => name) ?? [];
  if (twin && catalog?.isFresh && !names.includes(twin)) {
    const near = nearest(twin, names);
    throw new UsageError(
      `Arga has no twin ${shown(twin)}${near ? `; did you mean \`${near}\`?` : ". `/arga catalog` lists them all."}`,
      `/arga scenarios ${near ?? "stripe"}`,
    );
  }
  return await showKnown(desk, request, desk.knowledge.scenarios, ({ value, isFresh }) =>
    scenarioList(value, twin, isFresh),
  );
}
