import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { at, found, read } from "./files.ts";

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  id?: string;
  with?: Record<string, unknown>;
}

interface Job {
  needs?: string;
  permissions?: Record<string, string>;
  "timeout-minutes": number;
  steps: Step[];
}

const workflow = () =>
  parse(read(".github/workflows/release.yml")) as {
    on: { push: { tags: string[] } };
    permissions: Record<string, string>;
    concurrency: { "cancel-in-progress": boolean };
    jobs: Record<"test" | "image" | "release", Job>;
  };

const { version } = JSON.parse(read("package.json")) as { version: string };

const stepOf = (job: Job, action: string): Step | undefined =>
  job.steps.find(({ uses }) => uses?.startsWith(`${action}@`));

const notes = (of: string) => spawnSync(at("script/release-notes"), [of], { encoding: "utf8" });

describe("a release", () => {
  test("has one version, in the package, its lockfile, the chart and the changelog", () => {
    const lock = JSON.parse(read("package-lock.json")) as {
      version: string;
      packages: { "": { version: string } };
    };
    expect([lock.version, lock.packages[""].version]).toEqual([version, version]);
    expect(parse(read("deploy/helm/Chart.yaml"))).toMatchObject({ version, appVersion: version });
    const headings = found(read("CHANGELOG.md"), /^## (.+)$/gm).filter((heading) => heading !== "Unreleased");
    expect(headings[0]).toMatch(new RegExp(`^${version.replaceAll(".", "\\.")} - \\d{4}-\\d\\d-\\d\\d$`));
  });

  test("tells what its section of the changelog says, and nothing of another one", () => {
    const { status, stdout } = notes(version);
    expect(status).toBe(0);
    const section = read("CHANGELOG.md").split(`\n## ${version}`)[1]?.split("\n## ")[0] ?? "";
    expect(stdout.trim()).toBe(section.slice(section.indexOf("\n")).trim());
    expect(stdout).not.toMatch(/^## /m);
    expect(stdout.length).toBeGreaterThan(200);
  });

  test.each(["9.9.9", version.slice(0, -1)])("isn't made of a version without a section: %s", (other) => {
    expect(notes(other)).toMatchObject({ status: 1, stderr: expect.stringContaining(`"## ${other}"`) });
  });

  test("has a bill of materials in CycloneDX, of what is installed, without addresses to download from", () => {
    const text = execFileSync(at("script/sbom"), { encoding: "utf8" });
    const bill = JSON.parse(text) as {
      bomFormat: string;
      metadata: { component: { purl: string; version: string } };
      components: { name: string; version: string }[];
    };
    expect(bill.bomFormat).toBe("CycloneDX");
    expect(bill.metadata.component).toMatchObject({ purl: `pkg:npm/arga-slack@${version}`, version });
    const { packages } = JSON.parse(read("package-lock.json")) as {
      packages: Record<string, { version: string; dev?: boolean }>;
    };
    const installed = Object.entries(packages)
      .filter(([path, { dev }]) => path !== "" && !dev)
      .map(([path, each]) => `${path.split("node_modules/").at(-1)}@${each.version}`);
    expect(installed.length).toBeGreaterThan(50);
    expect(bill.components.map(({ name, version: its }) => `${name}@${its}`).sort()).toEqual(
      installed.sort(),
    );
    const { $schema: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
    expect(JSON.stringify(rest)).not.toMatch(/https?:|\.tgz/);
  });
});

describe("the release workflow", () => {
  const { on, permissions, concurrency, jobs } = workflow();

  test("runs for a tag, after the tests, and isn't cut off", () => {
    expect(on).toEqual({ push: { tags: ["v*"] } });
    expect(jobs.test.needs).toBeUndefined();
    expect([jobs.image.needs, jobs.release.needs]).toEqual(["test", "image"]);
    expect(jobs.test.steps.map(({ run }) => run)).toContain("script/test");
    const release = jobs.release.steps.map(({ run }) => run).join("\n");
    for (const word of ["script/sbom >", "script/release-notes", "helm package", "gh release create"])
      expect(release).toContain(word);
    expect(concurrency["cancel-in-progress"]).toBe(false);
    for (const job of Object.values(jobs)) expect(job["timeout-minutes"]).toBeLessThanOrEqual(60);
  });

  test("may do in each job what that job does, and no more", () => {
    expect(permissions).toEqual({ contents: "read" });
    expect(jobs.test.permissions).toBeUndefined();
    expect(jobs.image.permissions).toEqual({
      contents: "read",
      packages: "write",
      "id-token": "write",
      attestations: "write",
    });
    expect(jobs.release.permissions).toEqual({ contents: "write" });
  });

  test("uses actions of known versions alone, and keeps no credentials", () => {
    const used = Object.values(jobs).flatMap(({ steps }) => steps.filter(({ uses }) => uses));
    expect(used.length).toBeGreaterThan(8);
    for (const { uses } of used)
      expect(uses).toMatch(/^(actions|docker|sigstore)\/[a-z-]+@v\d+(\.\d+\.\d+)?$/);
    const checkouts = used.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts).toHaveLength(3);
    for (const { with: options } of checkouts) expect(options).toEqual({ "persist-credentials": false });
  });

  test("builds for both kinds of machine, with SBOM, provenance and signature of the very image", () => {
    const build = stepOf(jobs.image, "docker/build-push-action");
    expect(build).toMatchObject({
      id: "build",
      with: { platforms: "linux/amd64,linux/arm64", push: true, sbom: true, provenance: "mode=max" },
    });
    const digest = `\${{ steps.build.outputs.digest }}`;
    expect(stepOf(jobs.image, "actions/attest-build-provenance")?.with).toMatchObject({
      "subject-digest": digest,
    });
    const signing = jobs.image.steps.findIndex(({ run }) => run === 'cosign sign --yes "$IMAGE@$DIGEST"');
    expect(jobs.image.steps[signing]).toMatchObject({ env: { DIGEST: digest } });
    expect(jobs.image.steps.findIndex(({ uses }) => uses?.startsWith("sigstore/"))).toBeLessThan(signing);
    // Which packages are built into it, no scanner of images can tell.
    const attesting = jobs.image.steps.find(({ run }) => run?.includes("cosign attest"));
    expect(attesting).toMatchObject({ env: { DIGEST: digest } });
    expect(attesting?.run).toMatch(/script\/sbom > (\S+)\ncosign attest .*--type cyclonedx --predicate \1 /);
    // Only what runs the same everywhere is made on another kind of machine than it's for.
    expect(found(read("Dockerfile"), /^FROM --platform=(\S+) .* AS build$/gm)).toEqual(["$BUILDPLATFORM"]);
  });

  test("never puts what others may name into a command", () => {
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    for (const command of commands) expect(command).not.toContain("${{");
  });
});
