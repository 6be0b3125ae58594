// The program as `bin/onebuild` starts it. The rest is a file of its own, so that `--version` loads nothing else, and
// so that it can be loaded with its compiled code.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadWithCodeCache } from './code-cache.ts';
import type { startCommand } from './start-command.ts';

/** Names the content of the command's file; put in by the bundler. */
declare const bundleId: string;

async function start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as {
    version: string;
  };
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`onebuild ${version}\n`);
    return;
  }
  if (isStale(join(__dirname, 'inputs.json'))) {
    const main = join(__dirname, '../src/main.ts');
    process.argv[1] = main;
    await import(main);
    return;
  }
  const [first = ''] = args;
  const { exports, keep } = loadWithCodeCache(join(__dirname, `command-${bundleId}.cjs`), {
    id: `${bundleId}-${process.version}-${process.arch}`,
    command: /^[a-z]+$/.test(first) ? first : 'other',
    folder: cacheFolder(env),
  });
  process.once('exit', (code) => {
    if (code === 0) keep();
  });
  await (exports as { startCommand: typeof startCommand }).startCommand(args, version);
}

function cacheFolder(env: NodeJS.ProcessEnv): string | undefined {
  if (env['NODE_DISABLE_COMPILE_CACHE']) return undefined;
  const home = env['XDG_CACHE_HOME'] || (env['HOME'] && join(env['HOME'], '.cache'));
  return home ? join(home, 'onebuild/compiled') : undefined;
}

/** In a checkout: whether a file that went into the bundle is newer than it, or gone. */
function isStale(list: string): boolean {
  let inputs: readonly string[];
  let made: number;
  try {
    inputs = JSON.parse(readFileSync(list, 'utf8')) as readonly string[];
    made = statSync(list).mtimeMs;
  } catch {
    return false; // installed from a package: there are no sources
  }
  return inputs.some((path) => {
    // hundreds of them at each start: `join` would take as long as asking
    const stats = statSync(`${__dirname}/${path}`, { throwIfNoEntry: false });
    return stats === undefined || stats.mtimeMs > made;
  });
}

void start(process.argv.slice(2), process.env);
