import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram, tryProgram } from './run-program.ts';

export interface CompareOptions {
  /** OCI layout of the base that the cases start from. */
  readonly base: string;
  /** The build failed; there is no image. */
  readonly failed?: boolean;
  /** Compare times too. */
  readonly mtime?: boolean;
  /** Attributes left out, such as `hardlinks`. */
  readonly ignore?: readonly string[];
}

/**
 * Folder of the Dockerfile conformance cases: `ONEBUILD_CASES`, else `shared/cases` beside the repository. Undefined
 * where it isn't there.
 */
export function casesFolder(): string | undefined {
  const beside = fileURLToPath(new URL('../../../../shared/cases', import.meta.url));
  const folder = process.env['ONEBUILD_CASES'] ?? beside;
  // behind a link the scripts would take themselves for imported, and do nothing
  return existsSync(join(folder, 'compare.mjs')) ? realpathSync(folder) : undefined;
}

/** Makes the base image of the cases, from Debian's `busybox-static`, as an OCI layout in `dir` with the tag `1`. */
export async function makeCaseBase(cases: string, dir: string): Promise<void> {
  await runProgram([process.execPath, join(cases, 'base', 'make-busybox-base.mjs'), dir]);
}

/**
 * Compares an image (an OCI layout, folder or tar) with what a case expects.
 *
 * @param image undefined where the build failed
 * @returns whether it is as expected, and the difference in words
 */
export async function compareCase(
  caseFolder: string,
  image: string | undefined,
  options: CompareOptions & { readonly cases: string },
): Promise<{ readonly ok: boolean; readonly report: string }> {
  const { cases, base, failed = image === undefined, mtime = false, ignore = [] } = options;
  const result = await tryProgram([
    process.execPath,
    join(cases, 'compare.mjs'),
    'check',
    caseFolder,
    ...(image === undefined ? [] : [image]),
    '--base',
    base,
    ...(failed ? ['--failed'] : []),
    ...(mtime ? ['--mtime'] : []),
    ...(ignore.length > 0 ? ['--ignore', ignore.join(',')] : []),
  ]);
  if (result.stdout === '') throw new Error(`compare.mjs said nothing (exit code ${result.code})`);
  return { ok: result.code === 0, report: `${result.stdout}${result.stderr}`.trim() };
}
