import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** Certificates that no good server has. Made anew for each test, because a private key in a repository looks like a leak. */
export interface Certificate {
  key: string;
  cert: string;
}

const node = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Uint8Array[]): Buffer => node(0x30, ...parts);
const hex = (bytes: string): Buffer => Buffer.from(bytes, "hex");

const ECDSA_WITH_SHA256 = sequence(node(6, hex("2a8648ce3d040302")));
const nameOf = (name: string): Buffer =>
  sequence(node(0x31, sequence(node(6, hex("550403")), node(12, Buffer.from(name)))));
/** `YYMMDDHHMMSSZ` */
const time = (date: Date): Buffer =>
  node(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/\D/g, "")}Z`));

/** For `localhost`, from `from` to `to`; signed by itself, or by somebody of that name whom nobody knows. */
export function certificate(from: Date, to: Date, issuer?: string): Certificate {
  const own = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const signer: KeyObject = issuer
    ? generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey
    : own.privateKey;
  const content = sequence(
    node(0xa0, node(2, hex("02"))),
    node(2, hex("01")),
    ECDSA_WITH_SHA256,
    nameOf(issuer ?? "localhost"),
    sequence(time(from), time(to)),
    nameOf("localhost"),
    own.publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = node(3, hex("00"), sign("sha256", content, signer));
  const der = sequence(content, ECDSA_WITH_SHA256, signature);
  return {
    key: own.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}
