// node scripts/bundle.ts [FOLDER]: makes packages/cli/dist (or FOLDER), the command as few files that start fast. `npm ci`
// runs this; `npm run bundle` does it again. Until then a changed checkout runs from its sources.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = resolve(process.argv[2] ?? join(top, 'packages/cli/dist'));
const require = createRequire(import.meta.url);
const made = `${dist}-${process.pid}`;

/** What costs milliseconds to load, and a build with nothing to do never needs: parts of Node.js, and the reader of YAML. */
const rare = /^(?:node:(?:child_process|fs\/promises|worker_threads|zlib)|yaml)$/;

/** Loads what is rare when something of it is used. */
const late: Plugin = {
  name: 'late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: rare }, ({ path, namespace }) => {
      if (namespace !== 'late') return { path, namespace: 'late' };
      return path.startsWith('node:') ? { path, external: true } : { path: require.resolve(path) };
    });
    onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => {
      const names = Object.keys(require(path) as object);
      const getters = names.map((name) => `get ${name}() { return load().${name}; }`);
      return {
        resolveDir: top,
        contents: `let part; const load = () => (part ??= require(${JSON.stringify(path)}));
          module.exports = { ${getters.join(', ')} };`,
      };
    });
  },
};

/** Names stay, for stack traces. The output is ASCII. `import()` becomes `require`, of which a cached script can have one. */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  external: ['koffi'],
  plugins: [late],
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: "const moduleUrl=require('node:url').pathToFileURL(__filename).href;" },
  metafile: true,
  logLevel: 'warning',
  absWorkingDir: top,
} as const satisfies BuildOptions;

const inputs = new Set<string>();

async function bundle(source: string, output: string, options: BuildOptions = {}): Promise<string> {
  const outfile = join(made, output);
  const { metafile } = await build({ ...common, ...options, entryPoints: [join(top, source)], outfile });
  for (const path of Object.keys(metafile?.inputs ?? {})) {
    // packages change by `npm ci`, which makes the bundle again
    if (!/^(?:late:|node_modules\/)/.test(path)) inputs.add(relative(dist, join(top, path)));
  }
  return createHash('sha256').update(readFileSync(outfile)).digest('hex').slice(0, 16);
}

/** Commands may start at any moment: each file goes into place at once, what is named by others first. */
function publish(files: readonly string[]): void {
  mkdirSync(join(dist, 'unshare'), { recursive: true });
  for (const file of files) renameSync(join(made, file), join(dist, file));
  const programs = readdirSync(dist)
    .filter((name) => /^command-.*\.cjs$/.test(name))
    .map((name) => ({ name, made: statSync(join(dist, name)).mtimeMs }))
    .sort((a, b) => b.made - a.made);
  // the one before may be about to be loaded
  for (const { name } of programs.slice(2)) rmSync(join(dist, name), { force: true });
}

mkdirSync(made, { recursive: true });
try {
  const bundleId = await bundle('packages/cli/src/start/start-command.ts', 'command.cjs');
  const command = `command-${bundleId}.cjs`;
  renameSync(join(made, 'command.cjs'), join(made, command));
  // programs that the command starts, found beside it as they are beside their sources
  await bundle('packages/engine/src/source/hash-worker.ts', 'hash-worker.cjs');
  await bundle('packages/engine/src/sandbox/unshare/run-bundle.ts', 'unshare/run-bundle.cjs');
  await bundle('packages/cli/src/start/bundle-entry.ts', 'onebuild.cjs', {
    define: { bundleId: JSON.stringify(bundleId) },
    // the way to the sources, which are no part of the bundle
    supported: { 'dynamic-import': true },
    banner: {},
  });
  writeFileSync(join(made, 'inputs.json'), JSON.stringify([...inputs].toSorted()));
  publish([command, 'hash-worker.cjs', 'unshare/run-bundle.cjs', 'onebuild.cjs', 'inputs.json']);
} catch (error) {
  if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exitCode = 1; // esbuild has said why
} finally {
  rmSync(made, { recursive: true, force: true });
}
