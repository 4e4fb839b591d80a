import { describe, expect, test } from "vitest";
import { startArga } from "../../sim/arga/server.ts";
import { arga, call, start } from "./arga-here.ts";

describe("the door", () => {
  test("listens on loopback with a key of Arga's form", async () => {
    await start();
    expect(arga.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(arga.key).toMatch(/^arga_sk_[0-9a-f]{40}$/);
  });

  test("takes the port and the key that it is given, and says when the port is taken", async () => {
    await start({ key: "arga_sk_mine" });
    expect(arga.key).toBe("arga_sk_mine");
    const port = Number(new URL(arga.url).port);
    await expect(startArga({ port })).rejects.toThrow("EADDRINUSE");
  });

  test.each([0, 0.001, Number.NaN, Number.POSITIVE_INFINITY])("refuses speed %s", async (speed) => {
    await start();
    await expect(startArga({ speed })).rejects.toThrow(RangeError);
  });

  test("/health needs no key", async () => {
    await start();
    expect((await call("GET", "/health", undefined, { key: null })).status).toBe(200);
  });

  test.each([
    ["GET", "/auth/me"],
    ["GET", "/twins"],
    ["GET", "/validate/twins"],
    ["POST", "/twin-runs"],
    ["POST", "/validate/twins/provision"],
    ["GET", "/twin-runs/not-even-a-uuid"],
    ["POST", "/auth/cli/devices/x/revoke"],
    ["GET", "/validation/github/enabled"],
  ])("%s %s answers 401 without a key and with a wrong one", async (method, path) => {
    await start();
    for (const key of [null, "arga_sk_other", ""]) {
      const answer = await call(method, path, undefined, { key });
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({ detail: expect.any(String) });
    }
    expect(arga.requests.every(({ applied, status }) => !applied && status === 401)).toBe(true);
  });

  test("an unknown path is 404, a known one with another method 405", async () => {
    await start();
    expect(await call("GET", "/nowhere")).toMatchObject({ status: 404, body: { detail: "Not Found" } });
    expect((await call("GET", "/twin-runs/")).status).toBe(404);
    const wrong = await call("DELETE", "/twins");
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET");
  });

  test("twin runs have neither a list nor a reset on the canonical paths", async () => {
    await start();
    expect((await call("GET", "/twin-runs")).status).toBe(405);
    expect((await call("POST", `/twin-runs/${crypto.randomUUID()}/reset`)).status).toBe(404);
  });

  test("the request log has no secret of the caller in it", async () => {
    await start();
    await call("GET", "/twins?x=1");
    expect(arga.requests).toHaveLength(1);
    expect(arga.requests[0]).toMatchObject({
      method: "GET",
      path: "/twins",
      query: { x: "1" },
      route: "GET /twins",
      status: 200,
      applied: true,
    });
    expect(JSON.stringify(arga.requests)).not.toContain(arga.key);
  });
});

describe("the account", () => {
  test("a team has no counted runs and TTLs of up to 480 minutes", async () => {
    await start();
    const { body } = await call("GET", "/auth/me");
    expect(body).toEqual({
      github_login: expect.any(String),
      workspace: expect.any(String),
      email: expect.any(String),
      email_verified: true,
      billing_plan: "team",
      plan_limits: {
        validation_runs_remaining: null,
        validation_runs_limit: null,
        ci_checks_limit: null,
        ci_checks_remaining: null,
        max_twins_per_run: null,
        max_ttl_minutes: 480,
      },
    });
  });

  test("the Free plan counts its runs down and refuses the eleventh", async () => {
    await start({ plan: "free" });
    for (let n = 0; n < 10; n += 1) {
      expect((await call("POST", "/twin-runs", { twins: ["stripe"] })).status).toBe(200);
    }
    expect((await call("GET", "/auth/me")).body).toMatchObject({
      billing_plan: "free",
      plan_limits: { validation_runs_remaining: 0, validation_runs_limit: 10 },
    });
    const refused = await call("POST", "/twin-runs", { twins: ["stripe"] });
    expect(refused).toMatchObject({
      status: 403,
      body: { detail: "Monthly free plan limit reached", validation_runs_remaining: 0 },
    });
    expect(refused.body).not.toHaveProperty("run_id");
    expect(arga.runs.size).toBe(10);
  });

  test("the quota's refusal can have an object as detail", async () => {
    await start({ plan: "free", monthlyRuns: 0, dialect: { quotaDetail: "object" } });
    const refused = await call("POST", "/validate/twins/provision", { twins: ["stripe"] });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ detail: { message: "Monthly free plan limit reached" } });
  });

  test.each([
    ["two twins", { twins: ["stripe", "slack"] }],
    ["more than 10 minutes", { twins: ["stripe"], ttl_minutes: 11 }],
  ])("the Free plan refuses %s with 403", async (_, body) => {
    await start({ plan: "free" });
    expect((await call("POST", "/twin-runs", body)).status).toBe(403);
    expect(arga.runs.size).toBe(0);
  });

  test("the Free plan's TTL is fixed at 10 minutes and cannot be extended", async () => {
    await start({ plan: "free" });
    await call("POST", "/twin-runs", { twins: ["stripe"], ttl_minutes: 5 });
    const [run] = arga.runs.values();
    expect(run?.expiresAt).toBe((run?.createdAt ?? 0) + 600_000);
    const refused = await call("POST", `/twin-runs/${run?.runId}/extend`, { ttl_minutes: 10 });
    expect(refused.status).toBe(403);
    expect(run?.expiresAt).toBe((run?.createdAt ?? 0) + 600_000);
  });
});

describe("the catalog", () => {
  test.each(["/twins", "/validate/twins"])("%s is a bare array", async (path) => {
    await start();
    const { body } = await call("GET", path);
    expect(body).toHaveLength(35);
    expect(body).toContainEqual(
      expect.objectContaining({ name: "stripe", label: "Stripe", kind: "frontend", show_in_ui: true }),
    );
    expect(body).toContainEqual({
      name: "postgres",
      label: "Postgres",
      kind: "infra",
      show_in_ui: false,
      mcp: null,
    });
    expect(body).toContainEqual(
      expect.objectContaining({
        name: "gitlab",
        kind: "backend",
        mcp: expect.objectContaining({ transport: "streamable_http", path: "/api/v4/mcp" }),
      }),
    );
    expect(JSON.stringify(body)).not.toContain("plaid");
  });

  test("can be another one", async () => {
    await start({ catalog: [{ name: "odd", label: "Odd", kind: "backend", show_in_ui: true }] });
    expect((await call("GET", "/twins")).body).toEqual([
      { name: "odd", label: "Odd", kind: "backend", show_in_ui: true, mcp: null },
    ]);
    expect((await call("POST", "/twin-runs", { twins: ["stripe"] })).status).toBe(400);
  });

  test("without canonical routes only the legacy ones are there", async () => {
    await start({ dialect: { canonicalTwinRuns: false } });
    expect((await call("GET", "/twins")).status).toBe(404);
    expect((await call("POST", "/twin-runs", { twins: ["stripe"] })).status).toBe(404);
    expect((await call("GET", "/validate/twins")).status).toBe(200);
    expect((await call("POST", "/validate/twins/provision", { twins: ["stripe"] })).status).toBe(200);
  });
});

describe("the login of a device", () => {
  const anonymous = { key: null };
  const read = (body: unknown, name: string) => String(Reflect.get(Object(body), name));

  test("waits for the person, gives a key once, and that key works until it is revoked", async () => {
    await start();
    const started = await call("POST", "/auth/device/start", { device_name: "laptop" }, anonymous);
    expect(started.body).toEqual({
      device_code: expect.any(String),
      verification_url: `${arga.url}/_sim/login`,
    });
    const device_code = read(started.body, "device_code");
    const poll = () => call("POST", "/auth/device/poll", { device_code }, anonymous);
    expect((await poll()).body).toEqual({ status: "pending" });
    arga.control.approveDevice(device_code);
    const { body } = await poll();
    expect(body).toEqual({
      api_key: expect.stringMatching(/^arga_sk_[0-9a-f]{40}$/),
      cli_api_key_id: expect.any(String),
      device_name: "laptop",
    });
    expect((await poll()).status).toBe(400);

    const how = { key: read(body, "api_key") };
    expect((await call("GET", "/auth/me", undefined, how)).status).toBe(200);
    const path = `/auth/cli/devices/${read(body, "cli_api_key_id")}/revoke`;
    expect((await call("POST", path, undefined, how)).body).toEqual({ status: "revoked" });
    expect((await call("GET", "/auth/me", undefined, how)).status).toBe(401);
    expect((await call("POST", path)).status).toBe(404);
  });

  test("is finished by opening the page", async () => {
    await start();
    const { body } = await call("POST", "/auth/device/start", undefined, anonymous);
    const [url, code] = [read(body, "verification_url"), read(body, "device_code")];
    expect((await fetch(`${url}?device_code=${code}`)).status).toBe(200);
    expect((await fetch(`${url}?device_code=other`)).status).toBe(400);
    const polled = await call("POST", "/auth/device/poll", { device_code: code }, anonymous);
    expect(polled.body).toMatchObject({ api_key: expect.any(String), device_name: null });
  });

  test("is over after ten minutes", async () => {
    await start({ speed: 60_000 });
    const { body } = await call("POST", "/auth/device/start", {}, anonymous);
    const device_code = read(body, "device_code");
    const overview = async () => read((await call("GET", "/_sim")).body, "device_logins");
    while (await overview()) await new Promise((resolve) => setImmediate(resolve));
    expect((await call("POST", "/auth/device/poll", { device_code }, anonymous)).status).toBe(400);
    expect((await call("POST", "/auth/device/poll", {}, anonymous)).status).toBe(422);
  });

  test("the CLI's versions need no key", async () => {
    await start();
    expect((await call("GET", "/client-versions/arga-cli", undefined, anonymous)).body).toEqual({
      latest_version: expect.any(String),
      minimum_version: expect.any(String),
      upgrade_command: expect.any(String),
      message: null,
    });
  });

  test("the plan can be called paid", async () => {
    await start({ plan: "paid" });
    expect((await call("GET", "/auth/me")).body).toMatchObject({
      billing_plan: "paid",
      plan_limits: { validation_runs_limit: null, max_ttl_minutes: 480 },
    });
  });
});
