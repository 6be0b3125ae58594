import { exitCodes } from '../exit-code.ts';
import { watchInterrupts } from '../interrupts.ts';
import { runCli } from '../run-cli.ts';

/** Runs this process' command line, and ends the process with its exit code. */
export async function startCommand(args: readonly string[], version: string): Promise<never> {
  // Threads for files and compression: Node.js has four unless it is told otherwise before the first is needed.
  process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(4, navigator.hardwareConcurrency));
  const interrupts = watchInterrupts(process, (code) => process.exit(code));
  process.stdout.on('error', () => interrupts.stopQuietly());
  process.stderr.on('error', () => {});
  const code = await runCli({
    env: process.env,
    cwd: process.cwd(),
    uid: process.getuid?.() ?? 0,
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interrupts.signal,
    clock: Date.now,
    version,
    self: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    args,
    exitCode: 0,
  });
  await Promise.all([takenFrom(process.stdout), takenFrom(process.stderr)]);
  // Work that was stopped says by what; work that ended in order (a server) has its own code.
  process.exit(code === exitCodes.canceled ? (interrupts.exitCode() ?? code) : code);
}

/** Exiting drops what a pipe has not taken yet. Where nobody reads any more, that is the reader's wish. */
async function takenFrom(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
