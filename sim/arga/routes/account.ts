import { z } from "zod";
import { idOf, noBody, valid } from "../check.ts";
import { type Call, ok, type Reply, type Route } from "../router.ts";
import type { World } from "../state/world.ts";

const StartBody = z.strictObject({ device_name: z.string().nullish() }).optional();
const PollBody = z.strictObject({ device_code: z.string().min(1) });

export function accountRoutes(world: World): Route[] {
  const revoke = (call: Call) => revokeDevice(world, call);
  return [
    // What /health answers is not documented, only that it needs no key.
    { method: "GET", pattern: "/health", open: true, handle: () => ok({ status: "ok" }) },
    { method: "GET", pattern: "/auth/me", handle: () => ok(world.account.me()) },
    { method: "POST", pattern: "/auth/device/start", open: true, handle: (call) => startLogin(world, call) },
    { method: "POST", pattern: "/auth/device/poll", open: true, handle: (call) => pollLogin(world, call) },
    { method: "POST", pattern: "/auth/cli/devices/{cli_api_key_id}/revoke", handle: revoke },
    { method: "GET", pattern: "/client-versions/arga-cli", open: true, handle: () => ok(cliVersions) },
  ];
}

const cliVersions = {
  latest_version: "0.1.21",
  minimum_version: "0.1.0",
  upgrade_command: "uv tool upgrade arga-cli",
  message: null,
};

/** The page to open is one of this stand-in, so that a person can finish the login. */
function startLogin(world: World, call: Call): Reply {
  const code = world.devices.start(valid(StartBody, call.body)?.device_name ?? null);
  return ok({ device_code: code, verification_url: `http://${call.headers.host ?? "localhost"}/_sim/login` });
}

// What a poll answers before the approval is not known: the CLI only looks whether there is a key.
function pollLogin(world: World, call: Call): Reply {
  const login = world.devices.poll(valid(PollBody, call.body).device_code);
  if (!login) return ok({ status: "pending" });
  return ok({ api_key: login.key, cli_api_key_id: login.keyId, device_name: login.deviceName });
}

// The answer is not known.
function revokeDevice(world: World, call: Call): Reply {
  noBody(call.body);
  world.devices.revoke(idOf(call.params.cli_api_key_id));
  return ok({ status: "revoked" });
}
