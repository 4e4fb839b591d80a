/** The bot token of each workspace: one workspace for now; each caller says which one all the same. */
export class BotTokens {
  #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  of(_team: string): string {
    return this.#token;
  }

  /** From now on, this one is used. */
  replace(token: string): void {
    this.#token = token;
  }
}
