import { resolve } from 'node:path';
import { fault } from '@onebuild/core';
import type { CacheSource, CacheTarget } from '@onebuild/engine';
import { parseBytes, parseDays } from './amounts.ts';
import { type CacheSurroundings, readCacheFields, takeCacheLocation } from './cache-location.ts';
import { parseBoolean, splitCsv, splitPair } from './csv-fields.ts';
import type { FlagFields } from './flag-fields.ts';

/** A cache to read, whose keys are not read yet. */
export interface CacheSourceSpec {
  readonly source: Omit<CacheSource, 'verify'>;
  /** Absolute. */
  readonly keyFiles: readonly string[];
}

/** A cache to write, whose key is not read yet. */
export interface CacheTargetSpec {
  readonly target: Omit<CacheTarget, 'sign'>;
  /** Absolute. */
  readonly keyFile?: string;
}

/** Days after which what nobody uses goes, where nothing else is said. */
const defaultMaxAgeDays = 30;

const sourceFields = ['type', 'ref', 'src', 'tag', 'mounts', 'verify'];
const targetFields = 'type ref dest tag mode mounts mounts-size max-size max-age sign ignore-error'.split(
  ' ',
);

/**
 * Reads one `--cache-from`: `type=registry,ref=...`, `type=local,src=FOLDER`, a reference or a folder.
 * @returns undefined: a type of buildx that is left out
 * @throws USAGE, REFERENCE_INVALID
 */
export function parseCacheFrom(
  text: string,
  surroundings: CacheSurroundings,
  flag = '--cache-from',
): CacheSourceSpec | undefined {
  const fields = readCacheFields(text, flag, 'src');
  const location = takeCacheLocation(fields, 'src', surroundings);
  if (location === undefined) return undefined;
  const mounts = parseBoolean(fields.take('mounts') ?? 'true', `${flag} mounts`);
  fields.take('verify');
  const keyFiles = splitCsv(text, flag)
    .map(splitPair)
    .flatMap(([key, value = '']) => (key.trim().toLowerCase() === 'verify' ? value.split(':') : []));
  if (keyFiles.includes('')) throw fault('USAGE', `${flag} ${text}: verify names no file`);
  refuseInsecure(fields, flag);
  fields.end({ code: 'USAGE', known: sourceFields });
  return {
    source: { location, mounts },
    keyFiles: keyFiles.map((path) => resolve(surroundings.cwd, path)),
  };
}

/**
 * Reads one `--cache-to`: `type=registry,ref=...,mode=max`, `type=local,dest=FOLDER`, a reference or a folder.
 * @returns undefined: a type of buildx that is left out
 * @throws USAGE, REFERENCE_INVALID
 */
export function parseCacheTo(text: string, surroundings: CacheSurroundings): CacheTargetSpec | undefined {
  const flag = '--cache-to';
  const fields = readCacheFields(text, flag, 'dest');
  const location = takeCacheLocation(fields, 'dest', surroundings);
  if (location === undefined) return undefined;
  const take = <T>(key: string, parse: (text: string, flag: string) => T): T | undefined => {
    const value = fields.take(key);
    return value === undefined ? undefined : parse(value, `${flag} ${key}`);
  };
  const mode = take('mode', parseMode) ?? 'min';
  const mountSize = take('mounts-size', parseBytes);
  const maxSize = take('max-size', parseBytes);
  const sign = fields.take('sign');
  if (sign === '') throw fault('USAGE', `${flag} ${text}: sign names no file`);
  const target: CacheTargetSpec['target'] = {
    location,
    mode,
    mounts: take('mounts', parseBoolean) ?? false,
    ...(mountSize !== undefined && { mountSize }),
    ...(maxSize !== undefined && { maxSize }),
    maxAgeDays: take('max-age', parseDays) ?? defaultMaxAgeDays,
    ignoreError: take('ignore-error', parseBoolean) ?? true,
  };
  warnWithoutEffect(fields, surroundings);
  refuseInsecure(fields, flag);
  fields.end({ code: 'USAGE', known: targetFields });
  return { target, ...(sign !== undefined && { keyFile: resolve(surroundings.cwd, sign) }) };
}

function parseMode(text: string, flag: string): 'min' | 'max' {
  if (text === 'min' || text === 'max') return text;
  throw fault('USAGE', `${flag}: there is no mode ${JSON.stringify(text)}`, {
    hint: 'Modes are min (what the images stand on) and max (the results of all steps).',
  });
}

/** Fields of buildx about the form of its caches. */
function warnWithoutEffect(fields: FlagFields, { warn }: CacheSurroundings): void {
  for (const key of ['compression', 'compression-level', 'force-compression']) {
    if (fields.take(key) !== undefined)
      warn(`${fields.flag} ${key} has no effect: layers lie in the cache as images have them`);
  }
  for (const key of ['oci-mediatypes', 'image-manifest']) {
    const value = fields.take(key);
    if (value !== undefined && !parseBoolean(value, `${fields.flag} ${key}`))
      warn(`${fields.flag} ${key}=false has no effect: a cache is always an OCI image manifest`);
  }
}

function refuseInsecure(fields: FlagFields, flag: string): void {
  const value = fields.take('registry.insecure');
  if (value === undefined || !parseBoolean(value, `${flag} registry.insecure`)) return;
  throw fault('USAGE', `${flag} ${fields.text}: registry.insecure is not supported`, {
    hint: 'Add --insecure-registry HOST: it holds for caches, too.',
  });
}
