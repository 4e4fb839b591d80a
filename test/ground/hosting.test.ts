import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { filesIn, found, read } from "./files.ts";

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  concurrency: Record<string, unknown>;
  jobs: { test: { "timeout-minutes": number; strategy: { matrix: { node: string[] } }; steps: Step[] } };
}

interface IssueForm {
  name: string;
  description: string;
  body: { type: string; id?: string; attributes: { label?: string } }[];
}

const workflow = (): Workflow => parse(read(".github/workflows/ci.yml")) as Workflow;

const nodes = (): string[] => workflow().jobs.test.strategy.matrix.node;

describe("the workflow", () => {
  test("runs on the oldest Node that package.json allows, and on the image's", () => {
    const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
    const [floor] = found(engines.node, /^>=(\d+\.\d+)/g);
    const [image] = found(read("Dockerfile"), /^FROM node:(\d+)/gm);
    expect(nodes()).toEqual([floor, image]);
  });

  test("installs each of them, and runs what everybody runs", () => {
    const { steps } = workflow().jobs.test;
    const [setup] = steps.filter(({ uses }) => uses?.startsWith("actions/setup-node@"));
    expect(setup?.with).toEqual({ "node-version": `\${{ matrix.node }}`, cache: "npm" });
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual(["script/test"]);
  });

  test("looks at each pull request, may only read, and keeps no credentials", () => {
    const { on, permissions, jobs } = workflow();
    expect(Object.keys(on).sort()).toEqual(["pull_request", "push"]);
    expect(permissions).toEqual({ contents: "read" });
    const [checkout] = jobs.test.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkout?.with).toEqual({ "persist-credentials": false });
  });

  test("ends what is overtaken or hangs", () => {
    const { concurrency, jobs } = workflow();
    expect(concurrency).toEqual({ group: `ci-\${{ github.ref }}`, "cancel-in-progress": true });
    expect(jobs.test["timeout-minutes"]).toBeLessThanOrEqual(20);
  });
});

describe("the templates", () => {
  const forms = filesIn(".github/ISSUE_TEMPLATE");

  test("ask for bugs and for features", () => {
    expect(forms.sort()).toEqual([".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/feature.yml"]);
  });

  test.each(forms)("are forms that the host takes: %s", (path) => {
    const { name, description, body } = parse(read(path)) as IssueForm;
    expect([name, description].every((words) => words.length > 2)).toBe(true);
    const questions = body.filter(({ type }) => type !== "markdown");
    for (const { type, id, attributes } of questions) {
      expect(["input", "textarea"]).toContain(type);
      expect(id).toMatch(/^[a-z]+$/);
      expect(attributes.label).toMatch(/\w/);
    }
    expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
  });

  test("keep vulnerabilities out of public issues", () => {
    expect(read(".github/ISSUE_TEMPLATE/bug.yml")).toContain("SECURITY.md");
    expect(read("CONTRIBUTING.md")).toContain("](SECURITY.md)");
  });
});
