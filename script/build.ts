import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

/**
 * `npm run build`: the bot and what it depends on in a few files of `dist/`. Fourteen hundred modules, one file each, took
 * three times as long to load, and comments and blanks a fifth. Names stay as they are, but where two files have the same:
 * a stack trace tells our functions, and with NODE_OPTIONS=--enable-source-maps also files and lines. Types are checked by
 * `npm run check`.
 */

/** Servers that Bolt could run, and jobs by calendars that BullMQ could: the bot has its own receivers, and no such jobs. */
const NEVER_USED = /^(?:express|@slack\/oauth|cron-parser)$/;

/** In place of a package that is never used, nothing: a seventh of what a start would read. */
const withoutUnused: Plugin = {
  name: "without-unused",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: NEVER_USED }, ({ path }) => ({ path, namespace: "unused" }));
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {};" }));
  },
};

rmSync("dist", { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ["src/app.ts"],
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  // As modules, packages leave out what isn't used of them.
  mainFields: ["module", "main"],
  target: "node22.19",
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  legalComments: "none",
  // CommonJS packages call `require` for Node's own modules.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  plugins: [withoutUnused],
  logLevel: "warning",
});
writeFileSync("dist/LICENSES.txt", licensesOf(Object.keys(metafile.inputs)));

/** What the packages among these files ask to be handed on with them. */
function licensesOf(inputs: readonly string[]): string {
  const folders = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? "");
  const packages = [...new Set(folders)].filter((folder) => folder !== "").sort();
  return packages.map(licenseOf).join("\n");
}

function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
    string,
    string
  >;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"));
  return [`${name} ${version} (${license})`, ...texts].join("\n\n").trim().concat("\n");
}
