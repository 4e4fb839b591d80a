import type { Account } from "../api/account.ts";
import { ArgaClient } from "../api/client.ts";
import {
  ArgaMisconfigured,
  ArgaNoRoute,
  ArgaNotFound,
  ArgaUnauthorized,
  ArgaUnreachable,
  NotArga,
} from "../api/errors.ts";
import type { Config } from "../base/config.ts";
import { messageOf } from "../base/errors.ts";
import { bad, type Finding, ok, warn } from "./finding.ts";

const PATIENCE_MS = 8_000;

/** What is wrong when Arga can't be asked, in a few words. */
export function argaProblem(error: unknown): string {
  if (error instanceof ArgaUnauthorized) return "Arga rejected ARGA_API_KEY";
  if (error instanceof NotArga || error instanceof ArgaNotFound)
    return "ARGA_API_URL doesn't lead to Arga's API";
  if (error instanceof ArgaUnreachable) return "Arga can't be reached. Check ARGA_API_URL and the network";
  return "Arga isn't answering yet";
}

/** What is right and wrong with the key, the plan and the routes; nothing is created or changed at Arga. */
export async function examineArga({ arga: { key, url } }: Config): Promise<Finding[]> {
  const client = clientOf(url, key);
  if ("level" in client) return [client];
  try {
    const plan = planOf(await client.account(AbortSignal.timeout(PATIENCE_MS)));
    return [ok("arga", "Arga accepts ARGA_API_KEY"), plan, ...(await routesOf(client))];
  } catch (error) {
    return [refused(error)];
  } finally {
    await client.destroy();
  }
}

function clientOf(url: string, key: string): ArgaClient | Finding {
  try {
    return new ArgaClient({ url, key });
  } catch (error) {
    if (error instanceof ArgaMisconfigured) return bad("arga", messageOf(error));
    throw error;
  }
}

function refused(error: unknown): Finding {
  const problem = argaProblem(error);
  if (error instanceof ArgaUnauthorized)
    return bad("arga", problem, "Create a new key in Arga's web app, and set ARGA_API_KEY");
  if (error instanceof NotArga || error instanceof ArgaNotFound)
    return bad("arga", problem, "Set it to https://api.argalabs.com, not to the web app");
  return bad("arga", `${problem}: ${messageOf(error)}`);
}

function planOf({ billing_plan, plan_limits }: Account): Finding {
  const left = plan_limits?.validation_runs_remaining;
  const name = billing_plan || "unnamed";
  if (left === undefined || left === null) return ok("arga", `The plan is ${name}`);
  const says = `The plan is ${name}, with ${left} of ${plan_limits?.validation_runs_limit ?? "?"} runs left`;
  return left > 0 ? ok("arga", says) : warn("arga", says, "Wait for the next month, or change the plan");
}

/** Which of its lists can be read, all at once. */
async function routesOf(client: ArgaClient): Promise<Finding[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const lists: Record<string, Promise<unknown[]>> = {
    twins: client.catalog.list(signal),
    tests: client.tests.list({}, signal),
    scenarios: client.scenarios.list({}, signal),
    "test runs": client.testRuns.list(signal),
  };
  const names = Object.keys(lists);
  const answers = await Promise.allSettled(Object.values(lists));
  const failed = answers.flatMap((answer, i) =>
    answer.status === "rejected" ? [unread(names[i] ?? "", answer.reason)] : [],
  );
  const read = names.filter((_name, i) => answers[i]?.status === "fulfilled");
  return [
    ...(read.length > 0 ? [ok("arga", `Arga's lists can be read: ${read.join(", ")}`)] : []),
    ...failed,
  ];
}

const unread = (name: string, error: unknown): Finding =>
  error instanceof ArgaNoRoute
    ? warn("arga", `This Arga has no list of ${name}`, "Nothing, if it is an older Arga: the rest works")
    : bad("arga", `Arga's list of ${name} can't be read: ${messageOf(error)}`);
