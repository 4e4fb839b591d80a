import * as z from "zod";
import { type CommandGrammar, type Line, shown, UsageError } from "./grammar.ts";
import type { KindDefinition } from "./kind.ts";
import {
  addressFirst,
  flagged,
  isRepo,
  looksLikeAddress,
  pageLink,
  pageTitle,
  promptBeyondTitle,
  pullRequest,
  quoted,
  taskTitle,
  twinNames,
  typed,
  WHOLE,
  webAddress,
} from "./targets.ts";
import { validationParts } from "./validations.ts";

/** A validation of a web page (docs/references/arga-api.md#url-runs). */
const urlSpec = z.object({
  url: z.string(),
  prompt: z.string().optional(),
  twins: z.array(z.string()).optional(),
});

type UrlSpec = z.infer<typeof urlSpec>;

const EXAMPLE = '/arga validate https://shop.example.com "a guest can check out"';

/** Of this kind and of `pr`: what is validated decides which it is. */
export const validate: CommandGrammar = {
  name: "validate",
  operands: "URL [WHAT TO TEST…] | PR_URL | o/r BRANCH",
  says: "Validate a web page, a pull request or a branch.",
  isText: true,
  flags: {
    notes: {
      value: true,
      isText: true,
      hint: '"…"',
      says: "for a pull request or branch: what to know about it",
    },
    twins: { value: true, hint: "a,b", says: "twins to validate against" },
  },
  examples: [
    EXAMPLE,
    "/arga validate https://github.com/acme/shop/pull/42",
    '/arga validate acme/shop main --notes "the cart was rewritten" --twins stripe',
  ],
};

function parse({ words, flags, links }: Line): UrlSpec | undefined {
  const [first = "", ...rest] = addressFirst(words, links);
  if (isRepo(first) && rest.length === 0 && looksLikeAddress(first))
    throw new UsageError(
      `${shown(first)} could be a page or a repository. Give a page with https://, or a repository with a branch.`,
      `/arga validate https://${first}`,
    );
  if (isRepo(first) || pullRequest(first)) return undefined;
  if (first === "")
    throw new UsageError(
      "What should I validate? Give a URL, a pull request, or a repository and a branch.",
      EXAMPLE,
    );
  const task = looksLikeAddress(first) ? rest : [first, ...rest];
  const url = webAddress(first, (fixed) => retyped(fixed, task.join(" "), []));
  if (flags.has("notes"))
    throw new UsageError(
      "--notes is for pull requests and branches. For a page, say what to test after its URL.",
      EXAMPLE,
    );
  const prompt = rest.join(" ").trim();
  const twins = twinNames([flags.get("twins") ?? ""], `${EXAMPLE} --twins stripe`);
  return { url, ...(prompt ? { prompt } : {}), ...(twins.length > 0 ? { twins } : {}) };
}

const retyped = (address: string, prompt: string | undefined, twins: readonly string[]): string =>
  [
    "/arga validate",
    typed(address),
    ...(prompt ? [quoted(prompt, WHOLE)] : []),
    ...flagged("twins", twins.join(",")),
  ].join(" ");

export const url: KindDefinition<UrlSpec> = {
  ...validationParts,
  kind: "url",
  noun: "page validation",
  commands: [{ grammar: validate, parse }],
  spec: (run) => urlSpec.parse(run.spec),
  title: (spec) =>
    spec.prompt ? taskTitle(spec.prompt, pageTitle(spec.url)) : `Validation of ${pageTitle(spec.url)}`,
  pages: ({ url }) => pageLink(url),
  details: (spec) => [
    ...promptBeyondTitle(spec.prompt),
    ...(spec.twins ? [`twins: ${spec.twins.join(", ")}`] : []),
  ],
  needs: (spec) => ({
    twins: spec.twins ?? [],
    retype: (twins) => retyped(spec.url, spec.prompt, twins),
  }),
  async start(arga, spec, signal) {
    const made = await arga.validationRuns.createUrlRun(
      {
        url: spec.url,
        ...(spec.prompt ? { prompt: spec.prompt } : {}),
        ...(spec.twins ? { twins: spec.twins } : {}),
      },
      signal,
    );
    return { id: made.run_id, status: made.status ?? "queued" };
  },
};
