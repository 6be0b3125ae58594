import { readFile } from 'node:fs/promises';
import type { Digest } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';
import { readDigest } from '../names.ts';
import { namesIn, touchFile, unlessMissing } from './file-steps.ts';
import type { StorePaths } from './store-paths.ts';

/** Entries outlive a crash between their own step and the manifest's, so each one's manifest is looked for. */
export async function listReferrers(
  paths: StorePaths,
  repository: string,
  subject: Digest,
): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  for (const name of (await namesIn(paths.referrers(repository, subject))).sort()) {
    const digest = readDigest(name.replace('-', ':'));
    if (!digest || (await touchFile(paths.manifest(repository, digest))) === undefined) continue;
    const text = await unlessMissing(readFile(paths.referrer(repository, subject, digest), 'utf8'));
    if (text !== undefined) found.push(JSON.parse(text) as Descriptor);
  }
  return found;
}
