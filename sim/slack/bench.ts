/** Something that a person can turn at the bench, such as how well Arga answers. */
export interface Switch {
  readonly name: string;
  readonly title: string;
  readonly choices: readonly string[];
  /** Which choice holds; one that is none of them for what is done once. */
  chosen(): string;
  choose(choice: string): Promise<void> | void;
}

/** One thing that happened between two of the parts. */
export interface TrafficLine {
  readonly at: number;
  readonly from: string;
  readonly what: string;
  readonly ok: boolean;
  readonly outcome: string;
}

/** What stands beside the workspace: switches for trouble, and what happens outside of Slack. */
export interface Bench {
  readonly switches: Switch[];
  readonly notes: TrafficLine[];
}

/** Turns a switch. @throws Error when there is none of that name, or it has no such choice */
export async function turn({ switches, notes }: Bench, name: string, choice: string): Promise<void> {
  const found = switches.find((one) => one.name === name);
  if (!found?.choices.includes(choice)) throw new Error(`there is no switch ${name} with ${choice}`);
  notes.push({ at: Date.now(), from: "you", what: `${found.title}: ${choice}`, ok: true, outcome: "" });
  await found.choose(choice);
}
