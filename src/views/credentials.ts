import type { ActionsBlock, KnownBlock, ModalView, PlainTextOption, SectionBlock } from "@slack/types";
import type { NamedValue, SecretGroup } from "../kinds/kind.ts";
import type { ActionId } from "../slack/ids.ts";
import { LIMITS } from "./limits.ts";
import { cut, plain, quote, section, wellFormed } from "./text.ts";

const TITLE = "Credentials";

/** How variables are written, to be copied. */
export const CREDENTIAL_FORMATS = ["env", "export", "json"] as const;
export type CredentialFormat = (typeof CREDENTIAL_FORMATS)[number];

const FORMAT_WORDS: Record<CredentialFormat, string> = {
  env: ".env file",
  export: "Shell: export",
  json: "JSON",
};

/** What a reader chose; without `picked`, nothing yet: all of them. */
export interface CredentialChoice {
  format: CredentialFormat;
  /** Names of groups, as {@link groupName} has them. */
  picked?: readonly string[];
}

export const FIRST_CHOICE: CredentialChoice = { format: "env" };

/** Where what was chosen stands in the modal's state, by `block_id`. */
export const CREDENTIAL_BLOCKS = { format: "credentials_format", picked: "credentials_picked" } as const;

/** What the modal must know when something is chosen in it; names no secret. */
export interface CredentialPlace {
  run: string;
  channel: string;
}

const modal = (blocks: KnownBlock[], place: CredentialPlace): ModalView => ({
  type: "modal",
  private_metadata: JSON.stringify(place),
  title: plain(TITLE, LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  blocks: blocks.slice(0, LIMITS.modalBlocks),
});

/** Opened at once, while Arga is asked: a trigger lives three seconds. */
export const credentialsLoading = (place: CredentialPlace): ModalView =>
  modal([section("Getting the credentials from Arga…")], place);

export const credentialsFailed = (place: CredentialPlace, why: string): ModalView =>
  modal([section("I couldn't get the credentials. Close this and try again."), quote(why)], place);

/** Seen by the one who pressed, and gone when closed. */
export function credentials(
  place: CredentialPlace,
  groups: readonly SecretGroup[],
  choice: CredentialChoice = FIRST_CHOICE,
): ModalView {
  if (groups.length === 0) return modal([section("Arga has no credentials for this run.")], place);
  const { format, picked } = choice;
  const shown = picked ? groups.filter((group) => picked.includes(groupName(group))) : groups;
  const withVariables = shown.filter(({ variables }) => variables.length > 0);
  return modal(
    [
      section("Only you can see these. I don't store them, and they work until the run ends."),
      ...groupMenu(groups, picked),
      ...(shown.length === 0 ? [section("Choose at least one.")] : []),
      ...(withVariables.length > 0 ? [formatMenu(format), ...copyable(WRITTEN[format](withVariables))] : []),
      ...copyable(addressesOf(shown)),
    ],
    place,
  );
}

/** By which a group is chosen: its title, as an option's value. */
export const groupName = ({ title }: SecretGroup): string =>
  cut(wellFormed(title), LIMITS.optionValue).trim() || "-";

const option = (value: string, words: string): PlainTextOption => ({
  value,
  text: plain(words, LIMITS.optionText),
});

/** Where there is more than one to choose from, and no more than a menu holds. */
function groupMenu(groups: readonly SecretGroup[], picked: readonly string[] | undefined): SectionBlock[] {
  const names = [...new Set(groups.map(groupName))];
  if (names.length < 2 || names.length > LIMITS.selectOptions) return [];
  const options = names.map((name) => option(name, name));
  const chosen = options.filter(({ value }) => picked?.includes(value ?? "") ?? true);
  return [
    {
      ...section("*Of which*"),
      block_id: CREDENTIAL_BLOCKS.picked,
      accessory: {
        type: "multi_static_select",
        action_id: "credentials.picked" satisfies ActionId,
        placeholder: plain("Choose", LIMITS.placeholder),
        options,
        ...(chosen.length > 0 ? { initial_options: chosen } : {}),
      },
    },
  ];
}

const formatMenu = (format: CredentialFormat): ActionsBlock => ({
  type: "actions",
  block_id: CREDENTIAL_BLOCKS.format,
  elements: [
    {
      type: "static_select",
      action_id: "credentials.format" satisfies ActionId,
      options: CREDENTIAL_FORMATS.map((each) => option(each, FORMAT_WORDS[each])),
      initial_option: option(format, FORMAT_WORDS[format]),
    },
  ],
});

const addressesOf = (groups: readonly SecretGroup[]): string[] =>
  groups.flatMap(({ title, facts }) =>
    facts.map(({ name, value }) => `${groups.length > 1 ? `${oneLine(title)} ` : ""}${name}: ${value}`),
  );

const WRITTEN: Record<CredentialFormat, (groups: readonly SecretGroup[]) => string[]> = {
  env: (groups) => headed(groups, ({ name, value }) => `${name}=${forEnvFile(value)}`),
  export: (groups) => headed(groups, ({ name, value }) => `export ${name}=${forShell(value)}`),
  json: (groups) =>
    JSON.stringify(
      Object.fromEntries(
        groups.map(({ title, variables }) => [
          title,
          Object.fromEntries(variables.map(({ name, value }) => [name, value])),
        ]),
      ),
      null,
      2,
    ).split("\n"),
};

/** Each group under its name. What is no name of a variable is said, but does nothing when it's pasted. */
function headed(groups: readonly SecretGroup[], line: (variable: NamedValue) => string): string[] {
  return groups.flatMap(({ title, variables }) => [
    ...(groups.length > 1 ? [`# ${oneLine(title)}`] : []),
    ...variables.map((each) =>
      /^[A-Za-z_]\w*$/.test(each.name) ? line(each) : `# ${oneLine(`${each.name}=${each.value}`)}`,
    ),
  ]);
}

const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ");

const isPlainWord = (value: string): boolean => /^[\w./:@%+,=?&-]*$/.test(value);

/** What every reader of such files takes as it is stays so; the rest is quoted. */
function forEnvFile(value: string): string {
  if (isPlainWord(value)) return value;
  return /['\n\r]/.test(value) ? JSON.stringify(value) : `'${value}'`;
}

const forShell = (value: string): string =>
  /^[\w./:@%+,-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;

const ROW_LIMIT = 2_800;

/** Values as they are, to be copied: rich text neither formats nor links. */
const copyable = (lines: readonly string[]): KnownBlock[] =>
  packed(lines.map((line) => cut(line, ROW_LIMIT))).map((text) => ({
    type: "rich_text",
    elements: [{ type: "rich_text_preformatted", elements: [{ type: "text", text }] }],
  }));

/** Lines put together into as few pieces as fit. */
function packed(lines: readonly string[]): string[] {
  const pieces: string[] = [];
  for (const line of lines) {
    const last = pieces.at(-1);
    if (last !== undefined && last.length + line.length < ROW_LIMIT)
      pieces[pieces.length - 1] = `${last}\n${line}`;
    else pieces.push(line);
  }
  return pieces;
}
