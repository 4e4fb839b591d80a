import * as z from "zod";
import { at, Generations, plain } from "./paths.ts";
import { address, flag, freeForm, id, label, listUnder, prompt, text, texts, word } from "./shapes.ts";
import { type TestRun, type TestTarget, testRun } from "./test-runs.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** docs/references/arga-api.md#saved-tests */
interface CreateTest {
  name: string;
  description?: string;
  /** The test run that it is made from. */
  run_id?: string;
  prompt?: string;
  start_url?: string;
  /** `owner/repo`. */
  repo_full_name?: string;
  ci_enabled?: boolean;
  tags?: string[];
  /** Sent as it is: what the server checks in it isn't known. */
  test_config?: Record<string, unknown>;
}

/** `twins` and `ttl_minutes` are metadata here and start nothing, say the docs. */
interface RunTest extends TestTarget {
  prompt?: string;
  session_id?: string;
}

const savedTest = z.object({
  id,
  name: label,
  description: text,
  repo_full_name: word,
  ci_enabled: flag,
  start_url: address,
  prompt,
  tags: texts,
  test_config_json: freeForm,
  created_at: word,
  updated_at: word,
});

/** A saved test. */
type SavedTest = z.infer<typeof savedTest>;

/** Saved tests, under `/tests`, or the older paths. Methods throw {@link ArgaError}. */
export class Tests {
  readonly #transport: Transport;
  readonly #paths = new Generations(["/tests", "/runner/tests", "/demo-runner/tests"]);

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All, or those of one repository (`owner/repo`). No paging is documented. */
  list(filter: { repo_full_name?: string } = {}, signal?: AbortSignal): Promise<SavedTest[]> {
    const schema = listUnder("tests", savedTest);
    return this.#paths.collection((path) =>
      this.#transport.request({ method: "GET", ...plain(path), query: { ...filter }, schema, signal }),
    );
  }

  /** Saves a test: from a run, or from a prompt and an address. */
  create(body: CreateTest, signal?: AbortSignal): Promise<SavedTest> {
    return this.#paths.collection((path) =>
      this.#transport.request({
        method: "POST",
        ...plain(path),
        body: { ...body },
        schema: savedTest,
        signal,
      }),
    );
  }

  /** Starts a test run of it; a sandbox that is not ready is a 409. */
  run(id: string, body: RunTest = {}, signal?: AbortSignal): Promise<TestRun> {
    return this.#one("/run", id, { method: "POST", body: { ...body }, schema: testRun, signal });
  }

  #one<T>(
    rest: string,
    id: string,
    request: Pick<RequestOptions<T>, "method" | "body" | "schema" | "signal">,
  ): Promise<T> {
    return this.#paths.one((path) =>
      this.#transport.request({ ...at(`${path}/{id}${rest}`, id), ...request }),
    );
  }
}
