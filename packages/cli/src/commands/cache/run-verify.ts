import { resolve } from 'node:path';
import { verifyCache } from '@onebuild/engine';
import type { CliContext } from '../../cli-context.ts';
import { formatBytes } from '../../display/format-amounts.ts';
import { readVerifyingKeys } from '../../settings/read-cache-keys.ts';
import type { CacheVerifyFlags } from './define-cache.ts';
import { renderVerified } from './render-verified.ts';
import { withPlace } from './with-place.ts';

/** `onebuild cache verify`: exits with 1 when something is damaged. */
export async function verify(context: CliContext, ref: string, flags: CacheVerifyFlags): Promise<void> {
  const { clock, signal, cwd } = context;
  const files = flags.verify.map((path) => resolve(cwd, path));
  const typed = (await Promise.all(files.map((path) => readVerifyingKeys(path, '--verify')))).flat();
  let hasKeys = typed.length > 0;
  const result = await withPlace(
    context,
    { ref, flags },
    {
      work({ place, keys, waiting }) {
        hasKeys ||= keys.length > 0;
        return verifyCache(place, {
          keys: [...typed, ...keys],
          fix: flags.fix === true,
          clock,
          signal,
          onProgress: ({ blobs, allBlobs, bytes, allBytes }) =>
            waiting.show(
              `checked ${blobs} of ${allBlobs} blobs, ${formatBytes(bytes)} of ${formatBytes(allBytes)}`,
            ),
        });
      },
      render: (verified) => renderVerified(verified, { hasKeys, fix: flags.fix === true }),
    },
  );
  if (result !== undefined && result.damaged.length > 0) context.exitCode = 1;
}
