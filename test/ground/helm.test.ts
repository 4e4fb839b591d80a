import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { readConfig } from "../../src/base/config.ts";
import { fillIn } from "./chart.ts";
import { at, filesIn, read } from "./files.ts";

type Labels = Record<string, string>;

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Labels };
  spec: {
    minReplicas?: number;
    maxReplicas?: number;
    scaleTargetRef?: { apiVersion: string; kind: string; name: string };
    metrics?: { type: string; external?: { metric: { name: string } } }[];
    selector?: Labels & { matchLabels?: Labels };
    podSelector?: { matchLabels: Labels };
    template?: { metadata: { labels: Labels }; spec: Pod };
    ports?: { port: number; targetPort: string }[];
    volumeClaimTemplates?: { metadata: { name: string } }[];
  };
}

interface Probe {
  httpGet?: { path: string; port: string };
  exec?: { command: string[] };
}

interface Pod {
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds: number;
  securityContext: Record<string, unknown>;
  imagePullSecrets?: { name: string }[];
  topologySpreadConstraints?: { labelSelector: { matchLabels: Labels } }[];
  containers: {
    image: string;
    args?: string[];
    env?: { name: string; value: string }[];
    ports: { name: string; containerPort: number }[];
    securityContext: Record<string, unknown>;
    livenessProbe: Probe;
    readinessProbe: Probe;
    resources: { requests: object; limits: object };
    volumeMounts: { name: string; mountPath: string }[];
  }[];
  volumes?: { name: string; secret: { secretName: string } }[];
}

const chart = parse(read("deploy/helm/Chart.yaml")) as { version: string; appVersion: string };
const values = () =>
  parse(read("deploy/helm/values.yaml")) as {
    settings: Record<string, unknown>;
    image: { tag: string; pullSecret: string };
    roles: Record<string, { enabled: boolean; mostReplicas: number; jobsEach: number }>;
    redis: { bundled: boolean };
  };

/** What the chart makes of these values, as text. */
const textOf = (given: object): string =>
  filesIn("deploy/helm/templates")
    .sort()
    .map((path) =>
      fillIn(read(path), {
        Values: given,
        Release: { Name: "arga" },
        Chart: { AppVersion: chart.appVersion },
      }),
    )
    .join("");

const manifestsIn = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Manifest | null;
    })
    .filter((each) => each !== null);

interface Choice {
  mode: "http" | "socket";
  roles: string[];
  bundled: boolean;
}

const valuesFor = ({ mode, roles, bundled }: Choice): object => {
  const all = values();
  for (const [role, of] of Object.entries(all.roles)) of.enabled = roles.includes(role);
  all.redis.bundled = bundled;
  return { ...all, mode };
};

const CHOICES: Choice[] = (["http", "socket"] as const).flatMap((mode) =>
  [["web", "worker"], ["all"]].flatMap((roles) => [true, false].map((bundled) => ({ mode, roles, bundled }))),
);

const SECRETS: Record<string, string> = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  SLACK_SIGNING_SECRET: "signed",
  ARGA_API_KEY: "arga_sk_1",
  REDIS_URL: "redis://redis:6379",
};

/** Of all that the chart makes, in which API it stands. */
const API: Record<string, string> = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  Service: "v1",
  PodDisruptionBudget: "policy/v1",
  HorizontalPodAutoscaler: "autoscaling/v2",
  NetworkPolicy: "networking.k8s.io/v1",
};

/** Each selector of a manifest. */
function selectorsOf({ kind, spec }: Manifest): Labels[] {
  const spread = spec.template?.spec.topologySpreadConstraints ?? [];
  const given = kind === "Service" ? (spec.selector as Labels) : spec.selector?.matchLabels;
  return [
    given,
    spec.podSelector?.matchLabels,
    ...spread.map(({ labelSelector }) => labelSelector.matchLabels),
  ].filter((each) => each !== undefined);
}

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "arga-slack-chart-"));
  for (const [name, secret] of Object.entries(SECRETS)) writeFileSync(join(dir, name), secret);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.each(CHOICES)("the chart with $roles over $mode, its own Redis: $bundled", (choice) => {
  const { mode, roles, bundled } = choice;
  const given = valuesFor(choice);
  const all = manifestsIn(
    textOf({ ...given, settings: { ...values().settings, ADMIN_USERS: "U1,U2", MAX_TTL_MINUTES: 120 } }),
  );
  const named = (kind: string): string[] =>
    all
      .filter((each) => each.kind === kind)
      .map(({ metadata }) => metadata.name)
      .sort();
  const podOf = (name: string): Pod => {
    const found = all.find(({ metadata, spec }) => metadata.name === name && spec.template)?.spec.template;
    if (!found) throw new Error(`no pods of ${name}`);
    return found.spec;
  };

  test("has a deployment, a budget and an autoscaler for each role, and what deliveries and Redis need", () => {
    for (const { kind, apiVersion, metadata } of all) {
      expect(apiVersion).toBe(API[kind]);
      expect(metadata.name).toMatch(/^[a-z][a-z0-9-]*$/);
    }
    const bots = roles.map((role) => `arga-${role}`);
    for (const kind of ["Deployment", "PodDisruptionBudget", "HorizontalPodAutoscaler"])
      expect(named(kind)).toEqual(bots);
    const redis = bundled ? ["arga-redis"] : [];
    for (const kind of ["StatefulSet", "NetworkPolicy"]) expect(named(kind)).toEqual(redis);
    const takers = mode === "http" ? bots.filter((name) => name !== "arga-worker") : [];
    expect(named("Service")).toEqual([...takers, ...redis].sort());
    // No two things of a kind have the same name.
    expect(new Set(all.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(all.length);
  });

  test.each(roles)("gives the bot settings that it can start with: %s", (role) => {
    const [container] = podOf(`arga-${role}`).containers;
    const mounted = container?.volumeMounts[0]?.mountPath ?? "?";
    const env = Object.fromEntries(
      (container?.env ?? []).map((each) => [each.name, each.value.replace(mounted, dir)]),
    );
    expect(container?.env?.length).toBe(Object.keys(env).length);
    const config = readConfig(env);
    expect(config.role).toBe(role);
    expect(config.slack.intake.mode).toBe(role === "worker" ? "none" : mode);
    expect(config.port).toBe(container?.ports[0]?.containerPort);
    expect(config.maxTtlMinutes).toBe(120);
    expect([...config.admins]).toEqual(["U1", "U2"]);
    expect(config.redis.url).toBe(bundled ? "redis://arga-redis:6379" : SECRETS.REDIS_URL);
    // A secret is never in the manifest itself; the address of the bundled Redis is none.
    const inside = Object.keys(env).filter((name) => Object.hasOwn(SECRETS, name));
    expect(inside).toEqual(bundled ? ["REDIS_URL"] : []);
  });

  test("runs as nobody special, on a file system that it can't write", () => {
    for (const { kind, spec } of all) {
      if (!spec.template) continue;
      const pod = spec.template.spec;
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(10);
      for (const { securityContext, resources, image } of pod.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(resources).toMatchObject({
          requests: { cpu: expect.anything() },
          limits: { memory: expect.anything() },
        });
        expect(image).toMatch(/^[\w./-]+:[\w.-]+$/);
      }
      if (kind === "Deployment") expect(pod.volumes?.[0]?.secret.secretName).toBe("arga-slack");
    }
  });

  test("asks those that know whether it lives and is ready", () => {
    for (const { kind, spec } of all) {
      const [container] = spec.template?.spec.containers ?? [];
      if (!container) continue;
      const { livenessProbe, readinessProbe } = container;
      if (kind === "StatefulSet") {
        expect([livenessProbe.exec, readinessProbe.exec]).toEqual(
          Array(2).fill({ command: ["redis-cli", "ping"] }),
        );
        continue;
      }
      expect(livenessProbe.httpGet).toEqual({ path: "/healthz", port: "http" });
      expect(readinessProbe.httpGet).toEqual({ path: "/readyz", port: "http" });
      expect(container.ports.map(({ name }) => name)).toContain("http");
    }
  });

  test("selects the pods that it makes", () => {
    const made = all.flatMap(({ spec }) => spec.template?.metadata.labels ?? []);
    const selectors = all.flatMap(selectorsOf);
    expect(selectors.length).toBeGreaterThanOrEqual(roles.length * 3);
    for (const wanted of selectors)
      expect(
        made.filter((each) => Object.entries(wanted).every(([name, is]) => each[name] === is)),
      ).toHaveLength(1);
    const ports = all.flatMap(({ kind, spec }) => (kind === "Service" && spec.ports) || []);
    for (const { targetPort } of ports) expect(["http", "redis"]).toContain(targetPort);
  });

  test("scales what is there, the workers by the queues' length", () => {
    for (const { kind, spec } of all) {
      if (kind !== "HorizontalPodAutoscaler") continue;
      const { scaleTargetRef: target, minReplicas = 0, maxReplicas = 0, metrics = [] } = spec;
      expect(target).toMatchObject({ apiVersion: "apps/v1", kind: "Deployment" });
      expect(named("Deployment")).toContain(target?.name);
      expect(maxReplicas).toBeGreaterThanOrEqual(minReplicas);
      const external = metrics.flatMap((each) => each.external?.metric.name ?? []);
      expect(external).toEqual(target?.name === "arga-worker" ? ["arga_slack_queue_jobs"] : []);
    }
    const adapter = parse(read("deploy/observability/prometheus-adapter.yaml")) as {
      rules: { external: { name: { as: string } }[] };
    };
    expect(adapter.rules.external.map(({ name }) => name.as)).toEqual(["arga_slack_queue_jobs"]);
  });

  test("has a Redis that keeps what it is told, on a volume", () => {
    if (!bundled) return expect(named("StatefulSet")).toEqual([]);
    const set = all.find(({ kind }) => kind === "StatefulSet");
    const [container] = podOf("arga-redis").containers;
    expect(container?.args?.join(" ")).toContain(
      "--appendonly yes --appendfsync always --maxmemory-policy noeviction",
    );
    expect(container?.volumeMounts).toEqual([{ name: "data", mountPath: "/data" }]);
    expect(set?.spec.volumeClaimTemplates?.map(({ metadata }) => metadata.name)).toEqual(["data"]);
  });

  test("takes the values that it is given", () => {
    expect(schema.safeParse(given).error?.issues).toBeUndefined();
  });
});

const schema = z.fromJSONSchema(JSON.parse(read("deploy/helm/values.schema.json")));

describe("the values", () => {
  const changed = (change: (all: Record<string, never> & ReturnType<typeof values>) => void): object => {
    const all = values() as Parameters<typeof change>[0];
    change(all);
    return all;
  };

  test.each<[string, object]>([
    ["another mode", { ...values(), mode: "carrier pigeon" }],
    ["a slip", { ...values(), setings: {} }],
    ["a secret among the settings", { ...values(), settings: { SLACK_BOT_TOKEN: "xoxb-1" } }],
    ["a password among the settings", { ...values(), settings: { REDIS_URL: "redis://:pw@redis" } }],
    ["what the chart sets itself", { ...values(), settings: { ROLE: "web" } }],
    ["a role that there isn't", changed(({ roles }) => Object.assign(roles, { wbe: roles.web }))],
    ["no replicas", changed(({ roles }) => Object.assign(roles.web ?? {}, { replicas: 0 }))],
  ])("refuses %s", (_name, given) => {
    expect(schema.safeParse(given).success).toBe(false);
  });

  test.each(["OTEL_EXPORTER_OTLP_ENDPOINT", "HTTPS_PROXY", "no_proxy", "MAX_TTL_MINUTES", "SLACK_API_URL"])(
    "takes the setting %s",
    (name) => {
      expect(schema.safeParse({ ...values(), settings: { [name]: "1" } }).error?.issues).toBeUndefined();
    },
  );

  test("open no more sockets than Slack allows", () => {
    for (const { mostReplicas, jobsEach } of Object.values(values().roles)) {
      expect(jobsEach).toBeGreaterThanOrEqual(0);
      expect(mostReplicas).toBeLessThanOrEqual(6);
    }
    for (const role of ["web", "all"])
      expect((values().roles[role]?.mostReplicas ?? 9) * 2).toBeLessThanOrEqual(10);
  });

  test("name an image's tag and its secret where they are given", () => {
    const [first] = manifestsIn(
      textOf(changed(({ image }) => Object.assign(image, { tag: "2", pullSecret: "mine" }))),
    );
    expect(first?.spec.template?.spec.containers[0]?.image).toBe("arga-slack:2");
    expect(first?.spec.template?.spec.imagePullSecrets).toEqual([{ name: "mine" }]);
  });
});

// `npx vitest run test/ground/helm.test.ts -u` writes them anew.
test.each<[string, Choice]>([
  ["http", { mode: "http", roles: ["web", "worker"], bundled: false }],
  ["socket", { mode: "socket", roles: ["web", "worker"], bundled: false }],
  ["trial", { mode: "socket", roles: ["all"], bundled: true }],
])("deploy/kubernetes/%s.yaml is what the chart makes", async (name, choice) => {
  const text = `# Made from deploy/helm: change that, and docs/operations.md#kubernetes says how to use this.${textOf(valuesFor(choice))}\n`;
  await expect(text).toMatchFileSnapshot(at(`deploy/kubernetes/${name}.yaml`));
});

test("no manifest is left that no test makes", () => {
  expect(filesIn("deploy/kubernetes").sort()).toEqual(
    ["http", "socket", "trial"].map((name) => `deploy/kubernetes/${name}.yaml`),
  );
});

test("the chart is of the version of the package", () => {
  const { version } = JSON.parse(read("package.json")) as { version: string };
  expect(chart).toMatchObject({ version, appVersion: version });
});
