import { parseArgs } from "node:util";
import { runChaos } from "../test/support/chaos/engine.ts";

const { values } = parseArgs({
  options: {
    commands: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    pace: { type: "string", default: "400" },
    troubles: { type: "string" },
    "upgrade-from": { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const result = await runChaos({
  commands: Number(values.commands),
  seed: Number(values.seed),
  pace: { command: Number(values.pace), trouble: 1_500 },
  roles: ["web", "web", "worker", "worker"],
  ...(values.troubles === undefined ? {} : { troubles: values.troubles.split(",").filter(Boolean) }),
  socketsFrom: 0.6,
  settleMs: 120_000,
  staleAfterMs: 60_000,
  say: (line) => console.error(line),
});
console.log(JSON.stringify({ ...result, troubles: [...result.troubles] }, undefined, 1));
