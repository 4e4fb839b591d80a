/** The lists of a Home that have pages. */
export const LISTS = ["mine", "others", "recent", "tests", "subscriptions"] as const;
export type ListName = (typeof LISTS)[number];
/** The page at which each list stands, from 0. */
export type Pages = Readonly<Record<ListName, number>>;

/** What is kept of somebody's Home; times in ms. */
export interface AppHome {
  /** When it was opened last, or something in it was pressed, and how often that was. */
  viewedAt: number;
  views: number;
  /** How often that was when Slack was sent it last. */
  publishedViews: number;
  pages: Pages;
  /** Which runs are listed: `all`, `mine`, or {@link kindFilter}. */
  filter: string;
  /** What Slack was sent last, in short, and when. */
  hash?: string;
  publishedAt: number;
  /** The answer to the last press, as blocks of ours. */
  said?: { blocks: unknown[]; at: number };
  /** Counts changes of runs in the workspace while anyone looks. */
  changes: string;
}

/** The field in which it stands which runs are listed. */
export const FILTER_FIELD = "filter";

/** Only runs of a kind are listed. */
export const kindFilter = (kind: string): string => `kind:${kind}`;

/** The field in which a list's page stands. */
export const pageField = (list: ListName): string => `page.${list}`;

/** The Home that a hash of Redis holds; its fields are those of 0.1.0, whatever the code calls them today. */
export function decodeHome(fields: Record<string, string>, changes: string): AppHome {
  const page = (list: ListName): number => Number(fields[pageField(list)] ?? 0);
  return {
    viewedAt: Number(fields.looked),
    views: Number(fields.looks ?? 0),
    publishedViews: Number(fields.answered ?? 0),
    pages: Object.fromEntries(LISTS.map((list) => [list, page(list)])) as Record<ListName, number>,
    filter: fields[FILTER_FIELD] ?? "all",
    publishedAt: Number(fields.published ?? 0),
    ...(fields.hash ? { hash: fields.hash } : {}),
    ...(fields.said ? { said: JSON.parse(fields.said) as AppHome["said"] & object } : {}),
    changes,
  };
}
