import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { fault } from '@onebuild/core';

/** A damaged xz stream may ask for 4 GiB; nothing that `xz -9` writes needs more than 65 MiB. */
const programs = Object.freeze({
  bzip2: { arguments: ['-dc'], package: 'bzip2' },
  xz: { arguments: ['-dc', '--memlimit-decompress=512MiB'], package: 'xz-utils' },
});

/** Through the program of the system; it is killed when the consumer leaves. */
export async function* unpackWithProgram(
  source: AsyncIterable<Uint8Array>,
  format: keyof typeof programs,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const program = programs[format];
  const child = spawn(format, program.arguments, { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-1000);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(programFault(error, format)));
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(
            fault('TAR_INVALID', `the ${format} stream is damaged: ${words.trim() || 'it ends too early'}`),
          ),
    );
  });
  ended.catch(() => {});
  let sourceError: unknown;
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      sourceError = error;
      throw error;
    }
  };
  // Where the program leaves first, the reason is in its exit, not in the broken pipe.
  const fed = pipeline(watched, child.stdin).catch(() => {});
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      yield chunk;
    }
    await fed;
    if (sourceError !== undefined) throw sourceError;
    await ended;
  } finally {
    child.kill('SIGKILL');
  }
}

function programFault(error: NodeJS.ErrnoException, format: keyof typeof programs): Error {
  if (error.code !== 'ENOENT') return error;
  return fault('TOOL_MISSING', `the program \`${format}\` is needed to read this archive`, {
    hint: `Install it: \`apt-get install ${programs[format].package}\`.`,
    cause: error,
  });
}
