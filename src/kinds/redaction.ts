/** Characters of Arga's words that are kept: beyond, half a secret could stand where the words were cut before. */
const WHY_LENGTH = 2_000;

/** Arga's words on a failure, which may quote what was seeded, without these values. */
export const withoutSecrets = (text: string, secrets: readonly (string | null | undefined)[]): string =>
  secrets
    .filter((secret) => secret !== null && secret !== undefined && secret.length >= 6)
    .reduce((rest: string, secret) => rest.replaceAll(secret ?? "", "[secret]"), text)
    .slice(0, WHY_LENGTH);
