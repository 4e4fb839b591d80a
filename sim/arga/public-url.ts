import { BlockList, isIP } from "node:net";

const inward = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  inward.addSubnet(net, bits, "ipv4");
}
for (const [net, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  inward.addSubnet(net, bits, "ipv6");
}

/** Whether Arga could open the address from outside: http(s), and no name or number of a private network. */
export function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (!/^https?:$/.test(protocol)) return false;
  const host = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  if (family !== 0) return !inward.check(host, family === 4 ? "ipv4" : "ipv6");
  return host.includes(".") && !/(^|\.)(localhost|local|internal)$/i.test(host);
}
