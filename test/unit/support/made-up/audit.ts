import { z } from "zod";
import { type CommandGrammar, UsageError } from "../../../../src/kinds/grammar.ts";
import type { KindDefinition, ListedRun, StreamUpdate } from "../../../../src/kinds/kind.ts";
import type { ArgaRun } from "../../../../src/runs/run.ts";
import type { Observation } from "../../../../src/runs/transitions.ts";

/** A kind of run that Arga doesn't have, with a list and a stream: all that it takes is this file. */
const auditSpec = z.object({ site: z.string() });
type AuditSpec = z.infer<typeof auditSpec>;

const answer = z.object({
  id: z.string(),
  site: z.string(),
  status: z.enum(["running", "passed", "failed", "cancelled"]),
  changedAt: z.number(),
});
type Audit = z.infer<typeof answer>;

const EXAMPLE = "/arga audit shop.example";

const grammar: CommandGrammar = {
  name: "audit",
  operands: "SITE",
  says: "Audit a site for accessibility.",
  flags: {},
  examples: [EXAMPLE],
};

/** Its own way to its own service. */
async function request(path: string, signal?: AbortSignal, method = "GET"): Promise<Response> {
  return await fetch(`${process.env.AUDITS_URL}${path}`, { method, ...(signal ? { signal } : {}) });
}

async function start(
  _: unknown,
  { site }: AuditSpec,
  signal: AbortSignal,
): Promise<Pick<ArgaRun, "id" | "status">> {
  const made = await request(`/audits?site=${encodeURIComponent(site)}`, signal, "POST");
  return answer.parse(await made.json());
}

const observation = ({ status }: Audit): Observation => ({
  state: status === "running" ? "running" : "ended",
  ...(status === "running" ? {} : { outcome: status }),
  arga: { status, links: [] },
});

async function listRuns(_: unknown, signal: AbortSignal): Promise<ListedRun[]> {
  const audits = z.array(answer).parse(await (await request("/audits", signal)).json());
  return audits.map((each) => ({
    id: each.id,
    seen: observation(each),
    title: titleOf(each),
    changedAt: each.changedAt,
    isBrief: false,
  }));
}

/** Each line of the stream is a step; the last one says that it's over. */
async function* follow(
  _: unknown,
  { id }: ArgaRun,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<StreamUpdate> {
  const { body } = await request(`/audits/${id}/steps`, signal);
  const decoder = new TextDecoder();
  for await (const chunk of body ?? [])
    for (const text of decoder.decode(chunk).split("\n").filter(Boolean))
      yield text === "over"
        ? { steps: [], isTurn: true }
        : { steps: [{ key: text, text, state: "done" }], isTurn: false };
}

const titleOf = ({ site }: AuditSpec): string => `Audit of ${site}`;

export const audit: KindDefinition<AuditSpec> = {
  kind: "audit",
  noun: "audit",
  commands: [
    {
      grammar,
      parse: ({ words: [site] }) => {
        if (site === undefined) throw new UsageError("Which site?", EXAMPLE);
        return { site };
      },
    },
  ],
  spec: (run) => auditSpec.parse(run.spec),
  title: titleOf,
  details: () => [],
  needs: () => ({ twins: [], retype: () => EXAMPLE }),
  start,
  observe: async (_, { id }, signal) =>
    observation(answer.parse(await (await request(`/audits/${id}`, signal)).json())),
  listRuns,
  follow,
  actions: ["cancel"],
  act: async (_, { id }, __, signal) => {
    await request(`/audits/${id}/cancel`, signal, "POST");
    return undefined;
  },
  hasHappened: ({ phase }) => phase.name === "ending",
};
