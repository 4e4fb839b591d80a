import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readConfig } from "../../src/base/config.ts";
import { fillIn } from "./chart.ts";
import { filesIn, read } from "./files.ts";

interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: {
    minReplicas?: number;
    maxReplicas?: number;
    scaleTargetRef?: { name: string };
    selector?: Record<string, unknown> & { matchLabels?: Record<string, string> };
    template?: { metadata: { labels: Record<string, string> }; spec: Pod };
  };
}

interface Pod {
  terminationGracePeriodSeconds: number;
  securityContext: Record<string, unknown>;
  containers: {
    image: string;
    env: { name: string; value: string }[];
    ports: { name: string; containerPort: number }[];
    securityContext: Record<string, unknown>;
    livenessProbe: { httpGet: { path: string; port: string } };
    readinessProbe: { httpGet: { path: string; port: string } };
    resources: Record<string, unknown>;
    volumeMounts: { mountPath: string }[];
  }[];
  volumes: { name: string; secret: { secretName: string } }[];
}

const chart = parse(read("deploy/helm/Chart.yaml")) as { version: string; appVersion: string };
const values = parse(read("deploy/helm/values.yaml")) as { settings: object; web: { mostReplicas: number } };

/** Everything that the chart makes, in a mode. */
function rendered(mode: string): Manifest[] {
  const data = {
    Values: { ...values, mode, settings: { ...values.settings, ADMIN_USERS: "U1,U2", MAX_TTL_MINUTES: 120 } },
    Release: { Name: "arga" },
    Chart: { AppVersion: chart.appVersion },
  };
  return filesIn("deploy/helm/templates")
    .flatMap((path) => parseAllDocuments(fillIn(read(path), data)))
    .map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Manifest | null;
    })
    .filter((each) => each !== null);
}

const SECRETS: Record<string, string> = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  SLACK_SIGNING_SECRET: "signed",
  ARGA_API_KEY: "arga_sk_1",
  REDIS_URL: "redis://redis:6379",
};

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "arga-slack-chart-"));
  for (const [name, secret] of Object.entries(SECRETS)) writeFileSync(join(dir, name), secret);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.each(["http", "socket"])("the chart in the mode %s", (mode) => {
  const all = rendered(mode);
  const deployments = all.filter(({ kind }) => kind === "Deployment");

  test("has a deployment, a budget and an autoscaler for each of two roles", () => {
    const named = (kind: string): string[] =>
      all.filter((each) => each.kind === kind).map(({ metadata }) => metadata.name);
    for (const kind of ["Deployment", "PodDisruptionBudget", "HorizontalPodAutoscaler"])
      expect(named(kind)).toEqual(["arga-web", "arga-worker"]);
    expect(named("Service")).toEqual(mode === "http" ? ["arga-web"] : []);
    for (const { kind, spec, metadata } of all)
      if (kind === "HorizontalPodAutoscaler") expect(spec.scaleTargetRef?.name).toBe(metadata.name);
  });

  test.each(["web", "worker"])("gives the bot settings that it can start with: %s", (role) => {
    const [container] =
      deployments.find(({ metadata }) => metadata.name === `arga-${role}`)?.spec.template?.spec.containers ??
      [];
    const mounted = container?.volumeMounts[0]?.mountPath ?? "?";
    const env = Object.fromEntries(
      (container?.env ?? []).map((each) => [each.name, each.value.replace(mounted, dir)]),
    );
    const config = readConfig(env);
    expect(config.role).toBe(role);
    expect(config.slack.intake.mode).toBe(role === "worker" ? "none" : mode);
    expect(config.port).toBe(container?.ports[0]?.containerPort);
    expect(config.maxTtlMinutes).toBe(120);
    expect(config.redis.url).toBe(SECRETS.REDIS_URL);
    // A secret is never in the manifest itself.
    expect(Object.keys(env).filter((name) => Object.hasOwn(SECRETS, name))).toEqual([]);
  });

  test("runs as nobody special, on a file system that it can't write", () => {
    for (const { spec } of deployments) {
      const pod = spec.template?.spec as Pod;
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true });
      expect(pod.containers[0]?.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(10);
      expect(pod.containers[0]?.livenessProbe.httpGet).toEqual({ path: "/healthz", port: "http" });
      expect(pod.containers[0]?.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "http" });
      expect(pod.containers[0]?.resources).toHaveProperty("limits.memory");
      expect(pod.volumes[0]?.secret.secretName).toBe("arga-slack");
    }
  });

  test("selects the pods that it makes", () => {
    const labels = deployments.map(({ spec }) => spec.template?.metadata.labels);
    for (const { kind, spec } of all) {
      if (!spec.selector) continue;
      const wanted = kind === "Service" ? spec.selector : spec.selector.matchLabels;
      expect(
        labels.filter((each) => Object.entries(wanted ?? {}).every(([name, is]) => each?.[name] === is)),
      ).toHaveLength(1);
    }
  });
});

test("the chart is of the version of the package, and of no more sockets than Slack allows", () => {
  const { version } = JSON.parse(read("package.json")) as { version: string };
  expect(chart.appVersion).toBe(version);
  expect(values.web.mostReplicas * 2).toBeLessThanOrEqual(10);
});
