import { flagsOf, UsageError, usage } from "./flags.ts";
import { type Arga, startArga } from "./server.ts";
import { outcomeWords } from "./state/outcome.ts";
import { streamFaultKinds } from "./stream.ts";

function introduction(arga: Arga): string {
  const { url, key, routeGroups } = arga;
  const groups = routeGroups.map(({ title, routes }) => `${title}\n${indented(routes)}`);
  return `Arga (simulated)
  ARGA_API_URL=${url}
  ARGA_API_KEY=${key}

${groups.join("\n\n")}

${examples(arga)}

--help lists the flags. Ctrl-C ends it.`;
}

const indented = (lines: string[]): string => lines.map((line) => `  ${line}`).join("\n");

function examples({ url, key }: Arga): string {
  const post = (path: string, body: string) =>
    `curl -X POST ${url}${path} -H 'authorization: Bearer ${key}' \\
              -H 'content-type: application/json' -d '${body}'`;
  return `Try
  Twins       ${post("/twin-runs", '{"twins":["stripe"]}')}
  Test        ${post("/test-runs", '{"prompt":"Buy a shirt","start_url":"https://staging.example.com"}')}
  Validate    ${post("/validate/url-run", '{"url":"https://example.com","prompt":"Sign in, buy a shirt"}')}
  Follow      curl -N ${url}/validate/RUN_ID/results -H 'authorization: Bearer ${key}'
  Sandbox     ${post("/sandbox-runs", '{"repo":"octo/shop","branch":"main"}')}
              Words in a prompt or branch: ${outcomeWords.join(", ")}

Look        curl ${url}/_sim
Fail        curl -X POST ${url}/_sim/faults -H 'content-type: application/json' \\
              -d '{"route":"POST /twin-runs","status":503,"times":2}'
            also delayMs, retryAfter, after, "action":"reset" | "lose" | "hang"
            a stream: {"route":"/results/","stream":{"kind":"cut","afterEvents":2}}   (each connection again)
              kinds: ${streamFaultKinds.join(", ")}
Heal        curl -X DELETE ${url}/_sim/faults
Move a run  curl -X POST ${url}/_sim/twin-runs/RUN_ID/ready        (teardown, expire, fail, lock)
            curl -X POST ${url}/_sim/test-runs/RUN_ID/finish       (step, fail, cancel)
            also sandbox-runs (expire too), validation-runs, environments/SCENARIO_ID/ready
Elsewhere   curl -X POST ${url}/_sim/test-runs -H 'content-type: application/json' \\
              -d '{"prompt":"Started by a colleague"}'            (twin-runs, sandbox-runs, validation-runs)`;
}

async function main(): Promise<void> {
  const { help, options } = flagsOf(process.argv.slice(2));
  if (help) return console.log(usage());
  const arga = await startArga(options);
  const end = () => void arga.close().then(() => process.exit(0));
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  console.log(introduction(arga));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof UsageError) console.error("--help lists all flags and their values.");
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
