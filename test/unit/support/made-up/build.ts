import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const KIND = fileURLToPath(new URL("audit.ts", import.meta.url));
const COPIED = ["src", "package.json", "tsconfig.json", "tsconfig.build.json"];

/** The bot as someone would have it who adds a kind: one file, and one line where the kinds are listed. */
export interface BuiltBot {
  /** To be run. */
  app: string;
  remove(): Promise<void>;
}

/** Rejects with what the compiler says, if there is a place that doesn't know the kind. */
export async function buildWithAudit(): Promise<BuiltBot> {
  const folder = await mkdtemp(join(tmpdir(), "arga-slack-kind-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    await addKind(join(folder, "src/kinds"));
    await compile(folder);
    return { app: join(folder, "dist/app.js"), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function addKind(kinds: string): Promise<void> {
  const file = await readFile(KIND, "utf8");
  const moved = file.replaceAll("../../../../src/kinds/", "./").replaceAll("../../../../src/", "../");
  await writeFile(join(kinds, "audit.ts"), moved);
  const index = join(kinds, "index.ts");
  const before = await readFile(index, "utf8");
  const after = before.replace(/^(export const allKinds[^;]*)\];$/m, "$1, audit];");
  if (after === before) throw new Error("src/kinds/index.ts lists its kinds in another way");
  await writeFile(index, `import { audit } from "./audit.ts";\n${after}`);
}

async function compile(folder: string): Promise<void> {
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  await promisify(execFile)(tsc, ["-p", "tsconfig.build.json"], { cwd: folder }).catch(
    ({ stdout }: { stdout: string }) => {
      throw new Error(stdout);
    },
  );
}
