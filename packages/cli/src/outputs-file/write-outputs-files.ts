import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fault, toFault } from '@onebuild/core';
import type { CliContext } from '../cli-context.ts';
import { findOutputsFiles, type OutputsFile } from './find-outputs-files.ts';
import type { OutputsReport } from './outputs-report.ts';
import { formOfOutputs, renderOutputs } from './render-outputs.ts';

type Streams = Pick<CliContext, 'stdout' | 'stderr'>;

/**
 * Writes what scripts want to know of a build that went well. A reader finds the old file or the whole new one; the files that GitHub
 * Actions gives ($GITHUB_OUTPUT, $GITHUB_ENV) are added to, and what is no file (a pipe, a device) is written as it is.
 * @throws FILE_ACCESS, DISK_FULL
 */
export async function writeOutputsFiles(
  context: Pick<CliContext, 'env' | 'cwd'> & Streams,
  paths: readonly string[],
  report: OutputsReport,
): Promise<void> {
  for (const file of findOutputsFiles(context, paths)) {
    try {
      await writeOne(file, renderOutputs(report, formOfOutputs(file.path)), context);
    } catch (error) {
      const { code, message, hint } = toFault(error);
      throw fault(code, `--outputs-file: ${message}`, { hint, cause: error });
    }
  }
}

async function writeOne({ path, way }: OutputsFile, text: string, streams: Streams): Promise<void> {
  if (way === 'stdout' || way === 'stderr') return await print(streams[way], text);
  await mkdir(dirname(path), { recursive: true });
  if (way === 'add') return await add(path, text);
  const real = await realpath(path).catch(() => path);
  const found = await stat(real).catch(() => undefined);
  if (found !== undefined && !found.isFile()) return await writeFile(real, text);
  await replace(real, text, found?.mode);
}

function print(stream: Streams['stdout'], text: string): Promise<void> {
  return new Promise((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve())));
}

/** Whoever wrote before may have left the last line open. */
async function add(path: string, text: string): Promise<void> {
  const before = await readFile(path, 'latin1').catch(() => '');
  await appendFile(path, before === '' || before.endsWith('\n') ? text : `\n${text}`);
}

async function replace(path: string, text: string, mode = 0o666): Promise<void> {
  const temp = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID().slice(0, 8)}`);
  try {
    const file = await open(temp, 'wx', mode & 0o777);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, path);
  } catch (error) {
    await rm(temp, { force: true });
    // a file that is mounted into a container by itself cannot be replaced
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    await writeFile(path, text);
  }
}
