import type { ArgaClient } from "../../../src/api/client.ts";
import { all } from "./server.ts";

/** Every call that the client has, by its name; `table.test.ts` sees to it that none is missing. */

type Signal = AbortSignal | undefined;
type Call = (client: ArgaClient, signal?: Signal) => Promise<unknown>;
type CallById = (client: ArgaClient, id: string, signal?: Signal) => Promise<unknown>;

export const callsById: Record<string, CallById> = {
  "twinRuns.get": ({ twinRuns }, id, signal) => twinRuns.get(id, signal),
  "twinRuns.extend": ({ twinRuns }, id, signal) => twinRuns.extend(id, 30, signal),
  "twinRuns.lock": ({ twinRuns }, id, signal) => twinRuns.lock(id, signal),
  "twinRuns.teardown": ({ twinRuns }, id, signal) => twinRuns.teardown(id, signal),
  "twinRuns.reset": ({ twinRuns }, id, signal) => twinRuns.reset(id, signal),
  "legacyTwinRuns.get": ({ legacyTwinRuns }, id, signal) => legacyTwinRuns.get(id, signal),
  "legacyTwinRuns.extend": ({ legacyTwinRuns }, id, signal) => legacyTwinRuns.extend(id, 30, signal),
  "legacyTwinRuns.lock": ({ legacyTwinRuns }, id, signal) => legacyTwinRuns.lock(id, signal),
  "legacyTwinRuns.teardown": ({ legacyTwinRuns }, id, signal) => legacyTwinRuns.teardown(id, signal),
  "legacyTwinRuns.reset": ({ legacyTwinRuns }, id, signal) => legacyTwinRuns.reset(id, signal),
  "testRuns.get": ({ testRuns }, id, signal) => testRuns.get(id, signal),
  "testRuns.rerun": ({ testRuns }, id, signal) => testRuns.rerun(id, {}, signal),
  "tests.run": ({ tests }, id, signal) => tests.run(id, {}, signal),
  "sandboxRuns.get": ({ sandboxRuns }, id, signal) => sandboxRuns.get(id, signal),
  "sandboxRuns.logs": ({ sandboxRuns }, id, signal) => sandboxRuns.logs(id, signal),
  "sandboxRuns.delete": ({ sandboxRuns }, id, signal) => sandboxRuns.delete(id, signal),
  "validationRuns.get": ({ validationRuns }, id, signal) => validationRuns.get(id, signal),
  "validationRuns.logs": ({ validationRuns }, id, signal) => validationRuns.logs(id, signal),
  "validationRuns.cancel": ({ validationRuns }, id, signal) => validationRuns.cancel(id, signal),
  "validationRuns.results": ({ validationRuns }, id, signal) => all(validationRuns.results(id, { signal })),
};

const PR = { repo: "a/b", branch: "main" };

const otherCalls: Record<string, Call> = {
  "twinRuns.create": ({ twinRuns }, signal) => twinRuns.create({ twins: ["stripe"] }, signal),
  "legacyTwinRuns.create": ({ legacyTwinRuns }, signal) =>
    legacyTwinRuns.create({ twins: ["stripe"] }, signal),
  "catalog.list": ({ catalog }, signal) => catalog.list(signal),
  "testRuns.create": ({ testRuns }, signal) => testRuns.create({ prompt: "go" }, signal),
  "testRuns.list": ({ testRuns }, signal) => testRuns.list(signal),
  "tests.list": ({ tests }, signal) => tests.list({}, signal),
  "tests.create": ({ tests }, signal) => tests.create({ name: "a" }, signal),
  "sandboxRuns.create": ({ sandboxRuns }, signal) => sandboxRuns.create(PR, signal),
  "validationRuns.createUrlRun": ({ validationRuns }, signal) =>
    validationRuns.createUrlRun({ url: "https://a.b" }, signal),
  "validationRuns.createPrRun": ({ validationRuns }, signal) => validationRuns.createPrRun(PR, signal),
  "validationRuns.createAgentRun": ({ validationRuns }, signal) => validationRuns.createAgentRun(PR, signal),
  "scenarios.list": ({ scenarios }, signal) => scenarios.list({}, signal),
  account: (client, signal) => client.account(signal),
};

/** All of them, with an id where they want one. */
export const calls: [string, Call][] = [
  ...Object.entries(otherCalls),
  ...Object.entries(callsById).map(([name, call]): [string, Call] => [
    name,
    (client, signal) => call(client, "r1", signal),
  ]),
];
