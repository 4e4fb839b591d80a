import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { RunQueues } from "../../../src/jobs/queues.ts";
import { serveHealth } from "../../../src/runtime/health.ts";
import { HttpServer } from "../../../src/runtime/http.ts";
import { Metrics } from "../../../src/runtime/metrics.ts";
import { queueConnection } from "../../../src/store/redis.ts";
import { RunStore } from "../../../src/store/runs.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";

interface Rule {
  alert: string;
  expr: string;
  for: string;
  annotations: { summary?: string; description?: string };
}

interface Panel {
  id: number;
  title: string;
  targets: { expr: string; legendFormat: string }[];
}

const read = (name: string): string =>
  readFileSync(new URL(`../../../deploy/observability/${name}`, import.meta.url), "utf8");

const { groups } = parse(read("alerts.yaml")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(read("dashboard.json")) as { panels: Panel[] };

/** Of every metric of a process, the names of its labels. */
function known(redis: Redis): Map<string, string[]> {
  const metrics = new Metrics();
  metrics.countRuns(new RunStore(redis, "x", () => {}));
  metrics.countJobs(new RunQueues(redis, "x"));
  serveHealth(new HttpServer(pino({ level: "silent" })), new Map(), metrics);
  return new Map(
    metrics.registry.getMetricsAsArray().flatMap((metric) => {
      const { name, labelNames = [] } = metric as unknown as { name: string; labelNames?: string[] };
      const isHistogram = "buckets" in metric;
      return isHistogram
        ? ["_bucket", "_count", "_sum"].map((end): [string, string[]] => [name + end, [...labelNames, "le"]])
        : [[name, labelNames] as [string, string[]]];
    }),
  );
}

let server: PrivateRedis;
let redis: Redis;
let names: Map<string, string[]>;

beforeAll(async () => {
  server = await startRedis();
  redis = queueConnection({ url: server.path, prefix: "test" });
  names = known(redis);
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const WORDS = new Set(["by", "sum", "min", "max", "absent", "rate", "histogram_quantile"]);
/** Given by Prometheus to all that it scrapes. */
const OF_ALL = ["instance", "job"];

/** Every metric that an expression names, and every label that it asks for. */
function namedIn(expr: string): { metrics: string[]; labels: string[] } {
  const bare = expr.replaceAll(/"[^"]*"/g, "").replaceAll(/\[[^\]]*\]/g, "");
  const labels = [...bare.matchAll(/\{([^}]*)\}|by \(([^)]*)\)/g)].flatMap(([, inside = "", by = ""]) =>
    `${inside},${by}`.match(/\w+/g),
  );
  const rest = bare.replaceAll(/\{[^}]*\}|by \([^)]*\)/g, "");
  const words = rest.match(/[a-zA-Z_]\w*/g) ?? [];
  return {
    metrics: words.filter((word) => !WORDS.has(word)),
    labels: labels.filter((label) => label !== null),
  };
}

const adapter = parse(read("prometheus-adapter.yaml")) as {
  rules: { external: { metricsQuery: string; name: { as: string } }[] };
};

const expressions: [string, string][] = [
  ...adapter.rules.external.map(({ name, metricsQuery }): [string, string] => [
    `of the autoscaler: ${name.as}`,
    metricsQuery.replace("<<.LabelMatchers>>, ", ""),
  ]),
  ...rules.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, expr])),
];

describe("what Prometheus and Grafana are asked for", () => {
  test("is found at all", () => {
    expect(rules.length).toBeGreaterThan(5);
    expect(panels.length).toBeGreaterThan(5);
    expect(namedIn('sum by (le) (rate(a_b{c!~"d|e", f="g"}[5m])) > 1')).toEqual({
      metrics: ["a_b"],
      labels: ["le", "c", "f"],
    });
  });

  test.each(expressions)("is a metric with those labels: %s", (_name, expr) => {
    const { metrics, labels } = namedIn(expr);
    expect(metrics.length).toBeGreaterThan(0);
    for (const metric of metrics) expect([...names.keys()]).toContain(metric);
    const theirs = metrics.flatMap((metric) => names.get(metric) ?? []);
    for (const label of labels) expect([...theirs, ...OF_ALL]).toContain(label);
  });

  test("holds every metric of ours on the board", () => {
    const shown = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namedIn(expr).metrics));
    const ours = [...names.keys()]
      .filter((name) => name.startsWith("arga_slack_"))
      .map((name) => name.replace(/_(?:bucket|sum|count)$/, ""));
    for (const name of ours)
      expect(shown.map((each) => each.replace(/_(?:bucket|sum|count)$/, ""))).toContain(name);
  });

  test("says in each rule what it means, and names labels that its expression keeps", () => {
    for (const { alert, expr, annotations } of rules) {
      expect(annotations.summary, alert).toBeTruthy();
      expect(annotations.description, alert).toBeTruthy();
      const wanted = [...(annotations.summary ?? "").matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name);
      const { metrics, labels } = namedIn(expr);
      const kept = expr.includes(" by (")
        ? labels
        : [...metrics.flatMap((each) => names.get(each) ?? []), ...OF_ALL];
      expect(kept, alert).toEqual(expect.arrayContaining(wanted));
    }
  });

  test("has an id and a legend in each panel", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { targets } of panels)
      for (const { legendFormat } of targets) expect(legendFormat).toBeTruthy();
  });
});

test("a part that doesn't work is 0 in arga_slack_up, and the others are 1", async () => {
  const metrics = new Metrics();
  const http = new HttpServer(pino({ level: "silent" }));
  serveHealth(
    http,
    new Map([
      ["redis", () => undefined],
      ["slack", () => "no socket is open"],
    ] as [string, () => string | undefined][]),
    metrics,
  );
  const port = await http.listen(0);
  onTestFinished(() => {
    http.close();
    http.destroy();
  });
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(text).toContain('arga_slack_up{part="redis"} 1');
  expect(text).toContain('arga_slack_up{part="slack"} 0');
});
