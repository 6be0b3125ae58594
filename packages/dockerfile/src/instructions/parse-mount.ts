import { posix } from 'node:path';
import { cleanPath } from '../clean-path.ts';
import type { RunMount } from './instruction.ts';
import { findMountFrom, type MountFields, readMountFields } from './mount-fields.ts';
import { invalid } from './request.ts';

/** A mount of which only `from` is known yet. */
export function sketchMount(text: string): RunMount {
  const from = findMountFrom(text);
  return { type: 'bind', ...(from && { from }), readonly: true };
}

/**
 * Reads a `--mount` with every value through `expand`, and checks that its type has the options it got.
 * @throws DOCKERFILE_INSTRUCTION, and what `expand` throws
 */
export function parseMount(text: string, expand: (word: string) => string): RunMount {
  const fields = readMountFields(text, expand);
  const { type } = fields;
  if (type !== 'cache' && fields.sharing !== undefined) throw noOption(type, 'sharing');
  if (type === 'bind' || type === 'tmpfs') {
    for (const key of ['mode', 'uid', 'gid'] as const)
      if (fields[key] !== undefined) throw noOption(type, key);
  }
  if (fields.target && cleanPath(fields.target) === '/') throw invalid('a mount cannot have / as its target');
  switch (type) {
    case 'bind':
      return { type, ...pickPaths(fields), readonly: fields.readonly ?? true };
    case 'cache':
      return {
        type,
        ...pickPaths(fields),
        ...pickOwner(fields),
        readonly: fields.readonly ?? false,
        id: fields.id || cleanPath(fields.target ?? ''),
        sharing: fields.sharing ?? 'shared',
      };
    case 'tmpfs':
      if (fields.source && cleanPath(fields.source) !== '/') throw noOption(type, 'source');
      return {
        type,
        ...pickTarget(fields),
        readonly: fields.readonly ?? false,
        ...(fields.size && { size: fields.size }),
      };
    case 'secret':
      return readSecret(fields);
    case 'ssh':
      if (fields.source) throw noOption(type, 'source');
      return {
        type,
        id: fields.id || 'default',
        ...pickTarget(fields),
        ...pickOwner(fields),
        required: fields.required ?? false,
      };
  }
}

function readSecret(fields: MountFields): RunMount {
  if (fields.from) throw noOption('secret', 'from');
  if (fields.source && fields.id)
    throw invalid('a mount of type secret has both source and id', 'They mean the same: leave one out.');
  const id = fields.source || fields.id || lastPart(fields.target ?? '');
  if (id === '') throw invalid('a mount of type secret needs an id', 'Write --mount=type=secret,id=name.');
  const target = fields.target || (fields.env === undefined ? `/run/secrets/${lastPart(id)}` : undefined);
  return {
    type: 'secret',
    id,
    ...(target !== undefined && { target }),
    ...(fields.env !== undefined && { env: fields.env || id }),
    ...pickOwner(fields),
    required: fields.required ?? false,
  };
}

function pickTarget(fields: MountFields): { target?: string } {
  return fields.target ? { target: fields.target } : {};
}

function pickPaths(fields: MountFields): { from?: string; source?: string; target?: string } {
  return {
    ...(fields.from && { from: fields.from }),
    ...(fields.source && { source: fields.source }),
    ...pickTarget(fields),
  };
}

function pickOwner(fields: MountFields): { mode?: number; uid?: number; gid?: number } {
  return {
    ...(fields.mode !== undefined && { mode: fields.mode }),
    ...(fields.uid !== undefined && { uid: fields.uid }),
    ...(fields.gid !== undefined && { gid: fields.gid }),
  };
}

function lastPart(path: string): string {
  return posix.basename(path);
}

function noOption(type: string, option: string): Error {
  return invalid(`a mount of type ${type} has no option ${option}`);
}
