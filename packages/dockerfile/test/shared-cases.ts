import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

/** The folder of the conformance cases: `ONEBUILD_CASES`, else `../shared/cases` beside the repository. */
export const casesFolder = process.env['ONEBUILD_CASES'] ?? resolve(root, '../shared/cases');

/** Options for a test that reads `name` there: skipped, saying what to set, where it is missing. */
export function needsCases(name: string): { readonly skip: string | false } {
  const folder = join(casesFolder, name);
  if (existsSync(folder)) return { skip: false };
  return { skip: `SKIPPED: no ${folder}; set ONEBUILD_CASES to the folder of the shared cases` };
}
