import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Settings } from "../options.ts";
import { Refusal } from "../refusal.ts";
import { statusWord } from "./oddities.ts";
import { outcomeOf } from "./outcome.ts";
import { type Kind, Runs } from "./runs.ts";
import { twinSecrets } from "./secrets.ts";
import type { RunEvent } from "./test-runs.ts";
import { Walks } from "./walks.ts";

export type SandboxStatus = "queued" | "provisioning" | "ready" | "failed" | "cancelled" | "expired";

export interface SandboxSpec {
  repo: string;
  branch?: string | null;
  prUrl?: string | null;
  twins: string[];
  ttlMinutes: number;
  /** The caller's variables; they win over generated ones. */
  env?: Record<string, string>;
}

export interface Sandbox extends Required<SandboxSpec> {
  sandboxId: string;
  status: SandboxStatus;
  logs: RunEvent[];
  secrets: Record<string, Record<string, string>>;
  createdAt: number;
}

const LIVE: SandboxStatus[] = ["queued", "provisioning", "ready"];

/** All sandboxes and the only code that changes them. */
export class Sandboxes extends Runs<Sandbox> {
  protected readonly kind: Kind<SandboxStatus> = { noun: "Sandbox", live: LIVE, refusal: 400 };
  /** Their ends, which come whatever the sandboxes do until then. */
  readonly #ends: Walks;

  constructor(settings: Settings, clock: Clock, changed: () => void) {
    super(settings, clock, changed);
    this.#ends = new Walks(clock);
  }

  /** A queued sandbox that makes its own way to ready; a repo or branch with "fail" in its name fails. */
  create(spec: SandboxSpec): Sandbox {
    const sandbox: Sandbox = {
      ...{ branch: null, prUrl: null, env: {} },
      ...spec,
      sandboxId: randomUUID(),
      status: "queued",
      logs: [],
      secrets: Object.fromEntries(spec.twins.map((twin) => [twin, twinSecrets(twin)])),
      createdAt: Date.now(),
    };
    this.all.set(sandbox.sandboxId, sandbox);
    this.#deploy(sandbox);
    const expire = () => this.#end(sandbox, "expired", "Time to live is over");
    this.#ends.start(sandbox.sandboxId, [{ after: spec.ttlMinutes * 60, act: expire }]);
    this.changed();
    return sandbox;
  }

  /** The address of the app. @throws Refusal 404 for an unknown sandbox; 409 unless it is ready. */
  readyUrl(id: string): string {
    const { status, sandboxId } = this.get(id);
    if (status !== "ready") throw new Refusal(409, `Sandbox is not ready (status ${status})`);
    return appUrl(sandboxId);
  }

  /** @throws Refusal 404; 400 once it is over. */
  ready(id: string): void {
    const sandbox = this.require(id, "make ready");
    if (sandbox.status === "ready") return;
    this.walks.drop(id);
    this.#move(sandbox, "ready", "Sandbox is ready");
  }

  /** @throws Refusal 404; 400 once it is over. */
  fail(id: string, error: string): void {
    this.#end(this.require(id, "fail"), "failed", error);
  }

  /** @throws Refusal 404; 400 once it is over. */
  expire(id: string): void {
    this.#end(this.require(id, "expire"), "expired", "Time to live is over");
  }

  /**
   * What the delete route does, after which the status is `cancelled`. That a second time is refused is our
   * guess, after the teardown of twin runs.
   * @throws Refusal 404; 400 once it is over.
   */
  remove(id: string): void {
    this.#end(this.require(id, "delete"), "cancelled", "Sandbox deleted");
  }

  #deploy(sandbox: Sandbox): void {
    const fails = !outcomeOf(`${sandbox.repo} ${sandbox.branch ?? ""}`).passes;
    const after = this.settings.provisionSeconds / 4;
    const id = sandbox.sandboxId;
    this.walks.start(id, [
      { after, act: () => this.#move(sandbox, "provisioning", `Cloning ${sandbox.repo}`) },
      { after, act: () => this.#log(sandbox, "deploy", `Starting twins: ${sandbox.twins.join(", ")}`) },
      { after, act: () => this.#log(sandbox, "deploy", "Building the app") },
      {
        after,
        act: () => (fails ? this.fail(id, "Build failed: npm run build exited with 1") : this.ready(id)),
      },
    ]);
  }

  #end(sandbox: Sandbox, status: SandboxStatus, message: string): void {
    this.walks.drop(sandbox.sandboxId);
    this.#ends.drop(sandbox.sandboxId);
    this.#move(sandbox, status, message);
  }

  #move(sandbox: Sandbox, status: SandboxStatus, message: string): void {
    sandbox.status = status;
    this.#log(sandbox, status === "failed" ? "error" : "deploy", message);
  }

  // `deploy` is the one type that a source shows.
  #log(sandbox: Sandbox, type: string, message: string): void {
    sandbox.logs.push({ timestamp: new Date().toISOString(), type, message });
    this.changed();
  }
}

/** A sandbox as the get route shows it: without addresses and variables until it is ready. */
export function sandboxView(sandbox: Sandbox, { dialect }: Settings): Record<string, unknown> {
  const ready = sandbox.status === "ready";
  const { sandboxId: sandbox_id } = sandbox;
  const status = statusWord(sandbox, dialect);
  if (!ready) return { sandbox_id, status, app_url: null, twins: {}, env_vars: {} };
  const twins = sandbox.twins.map((name): [string, TwinOfSandbox] => [
    name,
    twinOf(sandbox, name, dialect.envVars === "filled"),
  ]);
  const generated = Object.assign({}, ...twins.map(([, { env_vars }]) => env_vars));
  return {
    sandbox_id,
    status,
    app_url: appUrl(sandbox_id),
    twins: Object.fromEntries(twins),
    env_vars: { ...generated, ...sandbox.env },
  };
}

interface TwinOfSandbox {
  base_url: string;
  admin_url: string;
  env_vars: Record<string, string>;
}

function twinOf({ sandboxId, secrets }: Sandbox, name: string, filled: boolean): TwinOfSandbox {
  const url = `https://${sandboxId.slice(0, 8)}-${name}.preview.argalabs.com`;
  return { base_url: url, admin_url: url, env_vars: filled ? (secrets[name] ?? {}) : {} };
}

export function appUrl(id: string): string {
  return `https://${id.slice(0, 8)}-app.preview.argalabs.com`;
}
