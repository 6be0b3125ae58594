import { resolve } from 'node:path';
import { fault, suggest } from '@onebuild/core';
import type { LayerCompression, Output, OutputDestination } from '@onebuild/engine';
import { parseReference, type Reference } from '@onebuild/oci';
import { parseWhole } from './amounts.ts';
import { parseBoolean, parseCsvFields, splitCsv } from './csv-fields.ts';
import { FlagFields } from './flag-fields.ts';
import { outputTypes } from './output-types.ts';

export interface OutputSurroundings {
  readonly cwd: string;
  /** `-t` */
  readonly tags: readonly Reference[];
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean | undefined };
  /** DOCKER_HOST: where images are loaded. */
  readonly dockerHost?: string | undefined;
  /** Says something that doesn't stop the build. */
  readonly warn: (message: string) => void;
}

/** An output as `--output` gives it, with the annotations that it carries. */
export interface ParsedOutput {
  readonly output: Output;
  readonly annotations: Readonly<Record<string, string>>;
}

const knownFields = [
  'type',
  'dest',
  'name',
  'push',
  'tar',
  'engine',
  'compression',
  'compression-level',
  'force-compression',
  'annotation.KEY',
];

/** Fields that are taken as buildx takes them, without any effect here. */
const withoutEffect: ReadonlySet<string> = new Set([
  'buildinfo',
  'dangling-name-prefix',
  'name-canonical',
  'unpack',
  'store',
  'mode',
]);

/**
 * Reads one `--output`: `type=oci,dest=app.tar,compression=zstd`, a folder (`type=local`), or `-` (`type=tar` to stdout).
 * @throws USAGE, OUTPUT_INVALID, REFERENCE_INVALID
 */
export function parseOutput(text: string, surroundings: OutputSurroundings): ParsedOutput {
  const first = splitCsv(text, '--output');
  if (first.length === 1 && !text.includes('=')) {
    const output: Output =
      text === '-'
        ? { type: 'tar', dest: destination(undefined, 'tar', surroundings) }
        : { type: 'local', dest: resolve(surroundings.cwd, text) };
    return { output, annotations: {} };
  }
  const fields = new FlagFields(parseCsvFields(text, '--output'), { flag: '--output', text });
  const layers = takeCompression(fields);
  const annotations = fields.takePrefixed('annotation');
  const output = takeOutput(fields, surroundings);
  if (fields.take('oci-mediatypes') === 'false') {
    surroundings.warn('oci-mediatypes=false has no effect: OCI media types are always written');
  }
  fields.take('rewrite-timestamp');
  fields.end({ code: 'OUTPUT_INVALID', known: knownFields, withoutEffect });
  return { output: layers === undefined ? output : { ...output, layers }, annotations };
}

function takeOutput(fields: FlagFields, surroundings: OutputSurroundings): Output {
  const type = fields.take('type');
  const dest = fields.take('dest');
  switch (type) {
    case 'image':
    case 'registry':
      return takeImage(type, fields, surroundings);
    case 'docker':
    case 'oci': {
      const tar = parseBoolean(fields.take('tar') ?? 'true', '--output tar');
      fields.take('name');
      if (type === 'docker' && dest === undefined) return { type: 'load', engine: loadEngine(fields) };
      if (!tar && (dest === undefined || dest === '-')) {
        throw fault('OUTPUT_INVALID', `--output ${fields.text}: tar=false needs dest=FOLDER`);
      }
      return { type, tar, dest: destination(dest, type, surroundings) };
    }
    case 'local':
      if (dest === undefined || dest === '-') {
        throw fault('OUTPUT_INVALID', `--output ${fields.text}: type=local needs dest=FOLDER`);
      }
      return { type, dest: resolve(surroundings.cwd, dest) };
    case 'tar':
      return { type, dest: destination(dest, type, surroundings) };
    case 'cacheonly':
      return { type: 'store' };
    default: {
      const meant = type === undefined ? undefined : suggest(type, outputTypes);
      throw fault(
        'OUTPUT_INVALID',
        type === undefined
          ? `--output ${fields.text}: the type is missing`
          : `--output ${fields.text}: there is no type ${JSON.stringify(type)}`,
        { hint: meant ? `Did you mean type=${meant}?` : `Types are ${outputTypes.join(', ')}.` },
      );
    }
  }
}

function takeImage(type: 'image' | 'registry', fields: FlagFields, surroundings: OutputSurroundings): Output {
  const push = fields.take('push');
  const named = fields.take('name');
  const byDigest = fields.take('push-by-digest');
  if (byDigest !== undefined && parseBoolean(byDigest, '--output push-by-digest')) {
    throw fault('OUTPUT_INVALID', `--output ${fields.text}: push-by-digest is not supported`);
  }
  const names =
    named === undefined ? surroundings.tags : named.split(',').map((name) => parseReference(name));
  if (
    !(type === 'registry'
      ? push === undefined || parseBoolean(push, '--output push')
      : parseBoolean(push ?? 'false', '--output push'))
  ) {
    return { type: 'store' };
  }
  return { type: 'push', names: requireNames(names) };
}

/** @throws USAGE where there is nothing to push to */
export function requireNames(names: readonly Reference[]): readonly Reference[] {
  if (names.length > 0) return names;
  throw fault('USAGE', 'a push needs a name', { hint: 'Name the image with -t registry/name:tag.' });
}

function loadEngine(fields: FlagFields): 'auto' | 'docker' | 'podman' {
  const engine = fields.take('engine') ?? 'auto';
  if (engine === 'auto' || engine === 'docker' || engine === 'podman') return engine;
  throw fault('OUTPUT_INVALID', `--output ${fields.text}: engine is auto, docker or podman`);
}

function destination(
  dest: string | undefined,
  type: string,
  { cwd, stdout }: OutputSurroundings,
): OutputDestination {
  if (dest !== undefined && dest !== '-') return { path: resolve(cwd, dest) };
  if (stdout.isTTY === true) {
    throw fault('OUTPUT_INVALID', `an archive (type=${type}) cannot go to a terminal`, {
      hint: 'Write it to a file with dest=PATH, or into a pipe.',
    });
  }
  return { stream: stdout };
}

function takeCompression(fields: FlagFields): LayerCompression | undefined {
  const name = fields.take('compression');
  const level = fields.take('compression-level');
  const force = fields.take('force-compression');
  if (name === undefined && level === undefined && force === undefined) return undefined;
  const compression = { gzip: 'gzip', zstd: 'zstd', uncompressed: 'none' }[name ?? 'gzip'];
  if (compression !== 'gzip' && compression !== 'zstd' && compression !== 'none') {
    throw fault(
      'OUTPUT_INVALID',
      `--output ${fields.text}: there is no compression ${JSON.stringify(name)}`,
      {
        hint: 'Compressions are gzip, zstd and uncompressed.',
      },
    );
  }
  return {
    compression,
    ...(level !== undefined && {
      level: checkLevel(compression, parseWhole(level, '--output compression-level')),
    }),
    ...(force !== undefined && { force: parseBoolean(force, '--output force-compression') }),
  };
}

function checkLevel(compression: 'gzip' | 'zstd' | 'none', level: number): number {
  const [least, most] = compression === 'zstd' ? [1, 22] : compression === 'gzip' ? [1, 9] : [0, 22];
  if (level >= least && level <= most) return level;
  throw fault('OUTPUT_INVALID', `compression-level of ${compression} is ${least} to ${most}, not ${level}`);
}
