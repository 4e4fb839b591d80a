import { createHmac } from "node:crypto";
import type { Config } from "../base/config.ts";
import { VERSION } from "../base/version.ts";
import { bad, type Finding, ok, warn } from "./finding.ts";

const PATIENCE_MS = 5_000;

/** This program and the Node below it. */
export function examineProgram(env: NodeJS.ProcessEnv): Finding[] {
  const { node } = process.versions;
  const proxy = ["HTTPS_PROXY", "https_proxy"].find((name) => env[name]);
  return [
    ok("process", `arga-slack ${VERSION} on Node ${node}`),
    ...(proxy
      ? [
          warn(
            "process",
            `${proxy} is set, and the bot doesn't use it for Arga`,
            "Let it reach Arga directly",
          ),
        ]
      : []),
  ];
}

/** The bot that runs on this machine, by its own words; in HTTP mode also whether it takes what our secret signs. */
export async function examineRunning({ port, slack: { intake } }: Config): Promise<Finding[]> {
  if (port === 0) return [];
  const at = `http://127.0.0.1:${port}`;
  const health = await answerOf(`${at}/healthz`);
  if (health === undefined)
    return [warn("process", `No bot runs on port ${port} of this machine`, "Start it: npm start")];
  if (health.ok !== true)
    return [bad("process", `Something else than the bot listens on port ${port}`, "Set PORT to a free one")];
  const ready = (await answerOf(`${at}/readyz`)) ?? {};
  const failing = Object.entries((ready.failing ?? {}) as Record<string, string>);
  return [
    ...(health.version === VERSION
      ? []
      : [warn("process", `The bot that runs is ${String(health.version)}`, `Restart it to have ${VERSION}`)]),
    ...(failing.length === 0
      ? [ok("process", `The bot on port ${port} is ready`)]
      : failing.map(([part, why]) => bad("process", `The bot on port ${port} isn't ready: ${part}: ${why}`))),
    ...(intake.mode === "http" ? [await examineRequestUrl(at, intake.signingSecrets)] : []),
  ];
}

/** Asks what Slack asks when someone saves the request URL; nothing comes of it. */
async function examineRequestUrl(at: string, secrets: readonly string[]): Promise<Finding> {
  const challenge = String(Math.random());
  const body = JSON.stringify({ type: "url_verification", challenge });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const hmac = createHmac("sha256", secrets[0] ?? "").update(`v0:${timestamp}:${body}`);
  const response = await fetch(`${at}/slack/events`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": `v0=${hmac.digest("hex")}`,
    },
    body,
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => undefined);
  if (response?.ok && (await response.text()) === challenge)
    return ok("process", "The bot takes what SLACK_SIGNING_SECRET signs at /slack/events");
  return response?.status === 401
    ? bad("process", "The bot that runs has another SLACK_SIGNING_SECRET", "Restart it")
    : bad("process", "The bot doesn't take requests at /slack/events", "See its log");
}

/** undefined: nobody is there. What isn't JSON is an empty answer. */
async function answerOf(url: string): Promise<Record<string, unknown> | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return (await response.json().catch(() => ({}))) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
