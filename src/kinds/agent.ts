import * as z from "zod";
import { type CommandGrammar, type Line, shown, UsageError } from "./grammar.ts";
import type { KindDefinition } from "./kind.ts";
import { codeOf } from "./pr.ts";
import { codePages, codeTarget, codeTitle, codeWords } from "./targets.ts";
import { validationParts } from "./validations.ts";

/** A pull request or branch that an agent tries out: a PR run with `run_type: agent_run`. */
const agentSpec = z.object({
  repo: z.string(),
  branch: z.string().optional(),
  prUrl: z.string().optional(),
});

type AgentSpec = z.infer<typeof agentSpec>;

const EXAMPLE = "/arga agent acme/shop main";

const grammar: CommandGrammar = {
  name: "agent",
  operands: "o/r BRANCH_OR_PR_URL",
  says: "Have an agent validate a pull request or a branch in its own sandbox.",
  flags: {},
  examples: [EXAMPLE, "/arga agent https://github.com/acme/shop/pull/42"],
};

function parse(line: Line): AgentSpec {
  const { target, rest } = codeTarget(line, EXAMPLE, (repo, branch) => `/arga agent ${repo} ${branch}`);
  const [extra] = rest;
  if (extra !== undefined) throw new UsageError(`Unexpected argument ${shown(extra)}.`, EXAMPLE);
  return target;
}

export const agent: KindDefinition<AgentSpec> = {
  ...validationParts,
  kind: "agent",
  noun: "agent run",
  commands: [{ grammar, parse }],
  spec: (run) => agentSpec.parse(run.spec),
  title: (spec) => `Agent run on ${codeTitle(spec)}`,
  pages: codePages,
  details: () => [],
  needs: (spec) => ({ twins: [], retype: () => `/arga agent ${codeWords(spec)}` }),
  repository: (spec) => spec.repo,
  async start(arga, spec, signal) {
    const made = await arga.validationRuns.createAgentRun(codeOf(spec), signal);
    return { id: made.run_id, status: made.status ?? "queued" };
  },
};
