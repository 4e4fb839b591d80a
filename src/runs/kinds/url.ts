import { z } from "zod";
import { type CommandGrammar, type Line, UsageError } from "../grammar.ts";
import type { KindDefinition } from "../kind.ts";
import { isRepo, pageTitle, pullRequest, twinNames, webAddress } from "../targets.ts";
import { validationParts } from "../validations.ts";

/** A validation of a web page (facts/arga-api.md, section 12.1). */
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
  flags: {
    notes: { value: true, hint: '"…"', says: "of a pull request or branch: what to know about it" },
    twins: { value: true, hint: "a,b", says: "twins to validate against" },
  },
  examples: [
    EXAMPLE,
    "/arga validate https://github.com/acme/shop/pull/42",
    '/arga validate acme/shop main --notes "the cart was rewritten" --twins stripe',
  ],
};

function parse({ words, flags }: Line): UrlSpec | undefined {
  const [first = "", ...rest] = words;
  if (isRepo(first) || pullRequest(first)) return undefined;
  if (first === "")
    throw new UsageError(
      "What is to be validated? Give an address, a pull request, or a repository and a branch.",
      EXAMPLE,
    );
  const url = webAddress(first, (fixed) => `/arga validate ${fixed} ${rest.join(" ").slice(0, 100)}`.trim());
  if (flags.has("notes"))
    throw new UsageError(
      "--notes go with a pull request or a branch; for a page, say what to test after its address.",
      EXAMPLE,
    );
  const prompt = rest.join(" ").trim();
  const twins = twinNames([flags.get("twins") ?? ""], `${EXAMPLE} --twins stripe`);
  return { url, ...(prompt ? { prompt } : {}), ...(twins.length > 0 ? { twins } : {}) };
}

export const url: KindDefinition<UrlSpec> = {
  ...validationParts,
  kind: "url",
  noun: "validation",
  commands: [{ grammar: validate, parse }],
  spec: (run) => urlSpec.parse(run.spec),
  title: (spec) => `Validation of ${pageTitle(spec.url)}`,
  details: (spec) => [
    ...(spec.prompt ? [spec.prompt] : []),
    ...(spec.twins ? [`twins: ${spec.twins.join(", ")}`] : []),
  ],
  needs: (spec) => ({
    twins: spec.twins ?? [],
    retyped: (twins) =>
      ["/arga validate", spec.url, spec.prompt?.slice(0, 100) ?? "", "--twins", twins.join(",")]
        .filter(Boolean)
        .join(" "),
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
