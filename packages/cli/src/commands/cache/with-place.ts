import { fault } from '@onebuild/core';
import { type CachePlace, openPlace } from '@onebuild/engine';
import type { CliContext } from '../../cli-context.ts';
import { showWaiting, type Waiting } from '../../display/waiting-line.ts';
import { parseCacheFrom } from '../../flags/parse-cache.ts';
import { exitCodes } from '../../exit-code.ts';
import { readVerifyingKeys } from '../../settings/read-cache-keys.ts';
import type { CacheFlags } from './define-cache.ts';

export interface OpenedPlace {
  readonly place: CachePlace;
  /** PEM, of `verify=` in the reference. */
  readonly keys: readonly string[];
  readonly waiting: Waiting;
}

/**
 * Works with the cache that a command names, and prints what comes of it. Where there is none, that is said, and the exit code tells it.
 * @throws USAGE, REFERENCE_INVALID, FILE_ACCESS, CACHE_SIGNATURE, and what `work` throws
 */
export async function withPlace<T>(
  context: CliContext,
  { ref, flags }: { readonly ref: string; readonly flags: CacheFlags },
  options: {
    readonly work: (opened: OpenedPlace) => Promise<T | undefined>;
    readonly render: (result: T) => readonly string[];
  },
): Promise<T | undefined> {
  const spec = parseCacheFrom(ref, { cwd: context.cwd, warn: refuse }, 'REF');
  if (spec === undefined) return undefined;
  const keys = (await Promise.all(spec.keyFiles.map((path) => readVerifyingKeys(path)))).flat();
  const { createClient } = await import('../../settings/create-client.ts');
  const registry = await createClient(context, flags);
  const { clock, stderr, stdout } = context;
  const waiting = showWaiting(stderr, { clock, text: `reading ${ref}` });
  try {
    const place = openPlace(spec.source.location, { registry, clock });
    const result = await options.work({ place, keys, waiting });
    waiting.end();
    if (result === undefined) {
      stderr.write(`${place.name}: there is no cache\n`);
      context.exitCode = exitCodes['not-found'];
      return undefined;
    }
    const text = flags.json === true ? JSON.stringify(result, null, 2) : options.render(result).join('\n');
    stdout.write(`${text}\n`);
    return result;
  } finally {
    waiting.end();
    registry.close();
  }
}

function refuse(message: string): void {
  throw fault('USAGE', message);
}
