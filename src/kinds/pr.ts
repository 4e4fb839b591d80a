import * as z from "zod";
import type { CreatePrRun } from "../api/validation-runs.ts";
import type { Line } from "./grammar.ts";
import type { KindDefinition } from "./kind.ts";
import {
  type CodeTarget,
  codePages,
  codeTarget,
  codeTitle,
  codeWords,
  flagged,
  twinNames,
} from "./targets.ts";
import { validate } from "./url.ts";
import { validationParts } from "./validations.ts";

/** A validation of a pull request or a branch (docs/references/arga-api.md#pr-runs). */
const prSpec = z.object({
  repo: z.string(),
  branch: z.string().optional(),
  prUrl: z.string().optional(),
  notes: z.string().optional(),
  twins: z.array(z.string()).optional(),
});

type PrSpec = z.infer<typeof prSpec>;

const EXAMPLE = "/arga validate acme/shop main";

function parse(line: Line): PrSpec {
  const { flags } = line;
  const { target, rest } = codeTarget(line, EXAMPLE, (repo, branch) => `/arga validate ${repo} ${branch}`);
  // What stands after a pull request is taken for what to know about it.
  const notes = [...rest, flags.get("notes") ?? ""].join(" ").trim();
  const twins = twinNames([flags.get("twins") ?? ""], `${EXAMPLE} --twins stripe`);
  return { ...target, ...(notes ? { notes } : {}), ...(twins.length > 0 ? { twins } : {}) };
}

/** Code, in Arga's terms. */
export const codeOf = ({
  repo,
  branch,
  prUrl,
}: CodeTarget): Pick<CreatePrRun, "repo" | "branch" | "pr_url"> => ({
  repo,
  ...(prUrl ? { pr_url: prUrl } : {}),
  ...(branch ? { branch } : {}),
});

export const pr: KindDefinition<PrSpec> = {
  ...validationParts,
  kind: "pr",
  noun: "PR validation",
  commands: [{ grammar: validate, parse }],
  spec: (run) => prSpec.parse(run.spec),
  title: (spec) => `Validation of ${codeTitle(spec)}`,
  pages: codePages,
  details: (spec) => [
    ...(spec.notes ? [spec.notes] : []),
    ...(spec.twins ? [`twins: ${spec.twins.join(", ")}`] : []),
  ],
  needs: (spec) => ({
    twins: spec.twins ?? [],
    retype: (twins) =>
      [
        "/arga validate",
        codeWords(spec),
        ...flagged("notes", spec.notes),
        ...flagged("twins", twins.join(",")),
      ].join(" "),
  }),
  repository: (spec) => spec.repo,
  async start(arga, spec, signal) {
    const made = await arga.validationRuns.createPrRun(
      {
        ...codeOf(spec),
        ...(spec.notes ? { context_notes: spec.notes } : {}),
        ...(spec.twins ? { twins: spec.twins } : {}),
      },
      signal,
    );
    return { id: made.run_id, status: made.status ?? "queued" };
  },
};
