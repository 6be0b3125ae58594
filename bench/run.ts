import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { prepareInputs } from './inputs/prepare-inputs.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { writePage } from './page/write-page.ts';

/**
 * Mounts, processes and network of the measurements are their own: nothing of the peers reaches the machine, nothing of
 * them is left when this process ends, however it ends, and no build can fetch anything but from the local registry.
 */
const namespaces = [
  '--mount',
  '--propagation=private',
  '--net',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
];

async function runInside(options: Options): Promise<number> {
  const inside = fileURLToPath(new URL('inside.ts', import.meta.url));
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', inside, JSON.stringify(options)];
  const child = spawn('unshare', [...namespaces, ...node], { stdio: ['ignore', 'inherit', 'inherit'] });
  process.once('SIGINT', () => child.kill('SIGKILL'));
  process.once('SIGTERM', () => child.kill('SIGKILL'));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
  } else {
    if (!options.page) {
      if (process.getuid?.() !== 0) throw new Error('the benchmarks need root');
      await prepareInputs(options.work, options.names);
      process.exitCode = await runInside(options);
    }
    if (!process.exitCode) await writePage(options.work);
  }
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
