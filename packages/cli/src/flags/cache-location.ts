import { resolve } from 'node:path';
import { fault, suggest } from '@onebuild/core';
import type { CacheLocation } from '@onebuild/engine';
import { parseReference, type Reference } from '@onebuild/oci';
import { parseCsvFields, splitCsv } from './csv-fields.ts';
import { FlagFields } from './flag-fields.ts';

export interface CacheSurroundings {
  readonly cwd: string;
  /** The image's first name: a cache without `ref` lies beside it. */
  readonly image?: Reference | undefined;
  /** Says something that doesn't stop the build. */
  readonly warn: (message: string) => void;
}

/** The tag of a cache that was given none. */
export const defaultCacheTag = 'onebuild-cache';

/** Types of buildx that are not there, and what does the same. */
const otherTypes: Readonly<Record<string, string>> = {
  gha: 'use type=registry, for example with ref=ghcr.io/OWNER/REPOSITORY:onebuild-cache',
  inline: 'use type=registry,mode=min: a cache beside the image, which itself stays as it is',
  s3: 'use type=registry, or type=local with a folder that is copied to and fro',
  azblob: 'use type=registry, or type=local with a folder that is copied to and fro',
};

const cacheTypes = ['registry', 'local'] as const;

/** The fields of a cache: of `type=...,key=value`, of a reference alone, or of a folder that begins with `.` or `/`. */
export function readCacheFields(text: string, flag: string, folderKey: 'src' | 'dest'): FlagFields {
  const given = { flag, text };
  const [first = '', ...more] = splitCsv(text, flag);
  if (more.length > 0 || first.includes('=')) return new FlagFields(parseCsvFields(text, flag), given);
  const fields = /^[./]/.test(first)
    ? { type: 'local', [folderKey]: first }
    : { type: 'registry', ref: first };
  return new FlagFields(new Map(Object.entries(fields)), given);
}

/**
 * Takes from the fields where the cache lies. Undefined: it is of a type that only buildx has, which was said.
 * @throws USAGE, REFERENCE_INVALID
 */
export function takeCacheLocation(
  fields: FlagFields,
  folderKey: 'src' | 'dest',
  surroundings: CacheSurroundings,
): CacheLocation | undefined {
  const { flag, text } = fields;
  const type = fields.take('type');
  switch (type) {
    case 'registry':
      return { type, reference: takeReference(fields, folderKey === 'dest', surroundings.image) };
    case 'local': {
      const folder = fields.take(folderKey);
      if (folder === undefined || folder === '')
        throw fault('USAGE', `${flag} ${text}: type=local needs ${folderKey}=FOLDER`);
      const tag = fields.take('tag') ?? defaultCacheTag;
      if (/^\w[\w.-]{0,127}$/.test(tag)) return { type, path: resolve(surroundings.cwd, folder), tag };
      throw fault('USAGE', `${flag} ${text}: ${JSON.stringify(tag)} is not a tag`);
    }
    default: {
      const instead = type === undefined ? undefined : otherTypes[type];
      if (instead !== undefined) {
        surroundings.warn(`${flag} type=${type} is not supported and left out: ${instead}`);
        return undefined;
      }
      const meant = type === undefined ? undefined : suggest(type, cacheTypes);
      const what = type === undefined ? 'the type is missing' : `there is no type ${JSON.stringify(type)}`;
      throw fault('USAGE', `${flag} ${text}: ${what}`, {
        hint: meant ? `Did you mean type=${meant}?` : `Types are ${cacheTypes.join(' and ')}.`,
      });
    }
  }
}

function takeReference(fields: FlagFields, isWritten: boolean, image: Reference | undefined): Reference {
  const { flag, text } = fields;
  const written = fields.take('ref');
  if (written === undefined) {
    if (image !== undefined) return besideImage(image);
    throw fault('USAGE', `${flag} ${text}: which cache?`, {
      hint: 'Name it with ref=REGISTRY/NAME:TAG; or name the image with -t, and it lies beside that.',
    });
  }
  const reference = parseReference(written);
  if (reference.digest !== undefined) {
    if (!isWritten) return reference;
    throw fault('USAGE', `${flag} ${text}: what is written is named by a tag, not by a digest`);
  }
  const lacksTag = !written.slice(written.lastIndexOf('/') + 1).includes(':');
  // `latest` of the same repository is an image
  return lacksTag ? besideImage(reference) : reference;
}

function besideImage({ registry, repository }: Reference): Reference {
  return { registry, repository, tag: defaultCacheTag };
}
