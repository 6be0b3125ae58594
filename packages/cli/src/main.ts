import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { watchInterrupts } from './interrupts.ts';

enableCompileCache();

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`onebuild ${version}\n`);
} else {
  const interrupts = watchInterrupts(process, (code) => process.exit(code));
  process.stdout.on('error', () => interrupts.stopQuietly());
  process.stderr.on('error', () => {});
  const { runCli } = await import('./run-cli.ts');
  const { exitCodes } = await import('./exit-code.ts');
  const code = await runCli({
    env: process.env,
    cwd: process.cwd(),
    uid: process.getuid?.() ?? 0,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interrupts.signal,
    clock: Date.now,
    version,
    self: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    args,
    exitCode: 0,
  });
  // Work that was stopped says by what; work that ended in order (a server) has its own code.
  process.exit(code === exitCodes.canceled ? (interrupts.exitCode() ?? code) : code);
}
