/** Slack's size limits that our views come near to, in characters or pieces (docs/references/slack.md#size-limits). */
export const LIMITS = {
  text: 3_900,
  sectionText: 3_000,
  contextText: 1_900,
  /** Of ours: forty lines must fit into a view of 250 KB. */
  logLine: 1_500,
  headerText: 150,
  buttonText: 75,
  buttonValue: 2_000,
  optionText: 75,
  selectOptions: 100,
  optionValue: 150,
  placeholder: 150,
  inputLabel: 150,
  inputHint: 300,
  inputText: 3_000,
  /** Of ours, in a plan: Slack names none. */
  taskTitle: 150,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  modalTitle: 24,
  modalBlocks: 100,
  actionsElements: 25,
  url: 3_000,
} as const;
