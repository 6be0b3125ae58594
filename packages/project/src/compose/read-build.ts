import { OneBuildError, suggest } from '@onebuild/core';
import type { AttributeName, AttributeValue, Fields } from '../bake/bake-target.ts';
import { isAttributeName, kindOf, mergeValues } from '../bake/bake-target.ts';
import { readFields } from '../bake/read-fields.ts';
import type { YamlPath, YamlText } from '../yaml/read-yaml.ts';
import { cleanFolder, formatSize } from './plain-forms.ts';
import { type ComposeMap, isMap, plainText } from './shape.ts';

export interface BuildScope {
  readonly yaml: YamlText;
  /** Where the section is. */
  readonly path: YamlPath;
  /** `secrets:` of the file. */
  readonly secrets: ComposeMap;
  env(name: string): string | undefined;
  warn(attribute: string, message: string): void;
}

type Values = Map<AttributeName, AttributeValue>;
type Reader = (value: unknown, key: string, scope: BuildScope) => AttributeValue | undefined;

const needText = (value: unknown, key: string, scope: BuildScope): string =>
  plainText(value) ?? refuse(scope, [key], 'a text');
const text: Reader = needText;
const flag: Reader = (value, key, scope) => {
  const read = { true: true, false: false, '': false }[plainText(value) ?? '?'];
  if (read === undefined) refuse(scope, [key], 'true or false');
  return read === true ? true : undefined;
};
const texts: Reader = (value, key, scope) => readTexts(value, [key], scope);
const map: Reader = (value, key, scope) =>
  new Map(readPairs(value, [key], scope).map(([name, item]) => [name, item ?? '']));
const caches: Reader = (value, key, scope) =>
  readTexts(value, [key], scope)
    .map((one, at) => placed(scope, [key, at], () => readFields(one, 'cache')))
    .filter((one) => one !== undefined);

/** Keys of a `build:` section, what they are for bake, and how they are read. */
const keys: Readonly<Record<string, readonly [AttributeName, Reader]>> = {
  context: ['context', (value, key, scope) => cleanFolder(needText(value, key, scope))],
  dockerfile: ['dockerfile', text],
  dockerfile_inline: ['dockerfile-inline', text],
  target: ['target', text],
  network: ['network', text],
  shm_size: [
    'shm-size',
    (value, key, scope) => formatSize(needText(value, key, scope)) ?? refuse(scope, [key], 'a size'),
  ],
  args: ['args', readArgs],
  labels: ['labels', map],
  tags: ['tags', texts],
  platforms: ['platforms', texts],
  cache_from: ['cache-from', caches],
  cache_to: ['cache-to', caches],
  no_cache: ['no-cache', flag],
  pull: ['pull', flag],
  entitlements: ['entitlements', texts],
  additional_contexts: ['contexts', readContexts],
  extra_hosts: ['extra-hosts', readHosts],
  ulimits: ['ulimits', readUlimits],
  secrets: ['secret', readSecrets],
  ssh: ['ssh', readSsh],
};

/** What a `build:` section says, as attributes of a bake target. */
export function readBuild(build: unknown, scope: BuildScope): Values {
  const values: Values = new Map();
  if (typeof build === 'string') return values.set('context', cleanFolder(build));
  if (!isMap(build)) throw refuse(scope, [], 'a folder or a map');
  for (const [key, value] of Object.entries(build)) {
    if (key.startsWith('x-') || value === null || value === undefined) continue;
    if (key === 'privileged' || key === 'isolation' || key === 'provenance' || key === 'sbom') {
      if (value !== false && value !== 'false') scope.warn(key, `${key} has no effect`);
      continue;
    }
    const reader = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (reader === undefined) throw unknownKey(key, [key], { scope, known: Object.keys(keys) });
    const read = reader[1](value, key, scope);
    if (read !== undefined) values.set(reader[0], read);
  }
  if (isMap(build['x-bake'])) addExtension(values, build['x-bake'], scope);
  return values;
}

const extensionKeys = [
  'tags',
  'cache-from',
  'cache-to',
  'secret',
  'ssh',
  'platforms',
  'output',
  'pull',
  'no-cache',
  'no-cache-filter',
  'contexts',
];

/** `x-bake` adds to lists; a text there is a list of words. */
function addExtension(values: Values, extension: ComposeMap, scope: BuildScope): void {
  for (const [name, value] of Object.entries(extension)) {
    const path = ['x-bake', name];
    if (!extensionKeys.includes(name) || !isAttributeName(name))
      throw unknownKey(name, path, { scope, known: extensionKeys });
    const { shape, fields } = kindOf(name);
    if (shape === 'flag') {
      const read = { true: true, false: false }[plainText(value) ?? '?'];
      if (read === undefined) throw refuse(scope, path, 'true or false');
      values.set(name, read);
    } else if (shape === 'map') {
      const pairs = readPairs(value, path, scope).map(([key, item]) => [key, toContext(item ?? '')] as const);
      const earlier = values.get(name) ?? new Map<string, string>();
      values.set(name, mergeValues(name, new Map(pairs), earlier));
    } else {
      const words =
        typeof value === 'string'
          ? value.split(/\s+/).filter((word) => word !== '')
          : readTexts(value, path, scope);
      const earlier = values.get(name) ?? [];
      const items =
        shape === 'texts'
          ? words
          : words.map((word) => placed(scope, path, () => readFields(word, fields)) ?? {});
      values.set(name, [...(earlier as string[]), ...(items as string[])]);
    }
  }
}

function readArgs(value: unknown, key: string, scope: BuildScope): AttributeValue {
  const pairs = readPairs(value, [key], scope).flatMap(([name, item]): [string, string][] => {
    const known = item ?? scope.env(name);
    return known === undefined ? [] : [[name, known]];
  });
  return new Map(pairs);
}

function readContexts(value: unknown, key: string, scope: BuildScope): AttributeValue {
  return new Map(
    readPairs(value, [key], scope).map(([name, item]) => [name, toContext(cleanFolder(item ?? ''))]),
  );
}

function toContext(context: string): string {
  const [, name] = /^(?:service|target):([^]*)$/.exec(context) ?? [];
  return name === undefined ? context : `target:${sanitizeName(name)}`;
}

/** Names of services may have dots, those of targets not. */
export function sanitizeName(name: string): string {
  return name.replaceAll('.', '_');
}

function readHosts(value: unknown, key: string, scope: BuildScope): AttributeValue {
  if (isMap(value)) {
    return new Map(
      Object.entries(value).map(([name, item]) => [
        name,
        Array.isArray(item) ? readTexts(item, [key, name], scope).join(',') : (plainText(item) ?? ''),
      ]),
    );
  }
  const hosts = new Map<string, string>();
  for (const [at, item] of readTexts(value, [key], scope).entries()) {
    const [, name, address] = /^([^:=]+)[:=](.+)$/.exec(item) ?? [];
    if (name === undefined || address === undefined) throw refuse(scope, [key, at], 'host:address');
    const earlier = hosts.get(name);
    hosts.set(name, earlier === undefined ? address : `${earlier},${address}`);
  }
  return hosts;
}

function readUlimits(value: unknown, key: string, scope: BuildScope): AttributeValue {
  if (!isMap(value)) throw refuse(scope, [key], 'a map');
  return Object.entries(value)
    .map(([name, limit]) => {
      const [soft, hard] = isMap(limit)
        ? [plainText(limit.soft), plainText(limit.hard)]
        : [plainText(limit), plainText(limit)];
      if (
        soft === undefined ||
        hard === undefined ||
        !/^-?\d{1,18}$/.test(soft) ||
        !/^-?\d{1,18}$/.test(hard)
      )
        throw refuse(scope, [key, name], 'a number, or soft and hard');
      return `${name}=${soft}:${hard}`;
    })
    .sort();
}

function readSecrets(value: unknown, key: string, scope: BuildScope): AttributeValue {
  if (!Array.isArray(value)) throw refuse(scope, [key], 'a list');
  return (value as unknown[]).map((item, at): Fields => {
    const id = plainText(isMap(item) ? item.source : item);
    if (id === undefined) throw refuse(scope, [key, at], 'the name of a secret');
    const secret = Object.hasOwn(scope.secrets, id) ? scope.secrets[id] : undefined;
    if (!isMap(secret))
      throw scope.yaml.fault([...scope.path, key, at], {
        message: `there is no secret ${id}`,
        hint: 'Write it under secrets: at the top of the file.',
      });
    if (secret.external === true)
      throw scope.yaml.fault(['secrets', id], {
        message: `the secret ${id} is external, which is not supported`,
        hint: 'Give it a file or an environment variable.',
      });
    const [src, env] = [plainText(secret.file), plainText(secret.environment)];
    return { id, ...(src !== undefined && { src }), ...(env !== undefined && { env }) };
  });
}

function readSsh(value: unknown, key: string, scope: BuildScope): AttributeValue {
  return readPairs(value, [key], scope)
    .map(([id, paths]): Fields => ({ id, ...(paths !== undefined && paths !== '' && { paths }) }))
    .sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
}

function readTexts(value: unknown, path: YamlPath, scope: BuildScope): string[] {
  const list = Array.isArray(value)
    ? (value as unknown[])
    : plainText(value) === undefined
      ? refuse(scope, path, 'a list')
      : [value];
  return list.map((item, at) => plainText(item) ?? refuse(scope, [...path, at], 'a text'));
}

/** Maps and lists of `name=value`; undefined: a name without value. */
function readPairs(value: unknown, path: YamlPath, scope: BuildScope): [string, string | undefined][] {
  if (isMap(value)) {
    return Object.entries(value).map(([name, item]) => {
      if (item === null || item === undefined) return [name, undefined];
      return [name, plainText(item) ?? refuse(scope, [...path, name], 'a text')];
    });
  }
  return readTexts(value, path, scope).map((item) => {
    const at = item.indexOf('=');
    return at === -1 ? [item, undefined] : [item.slice(0, at), item.slice(at + 1)];
  });
}

function refuse({ yaml, path }: BuildScope, below: YamlPath, wanted: string): never {
  const at = [...path, ...below];
  throw yaml.fault(at, { message: `${at.at(-1)} is ${wanted}` });
}

function unknownKey(
  key: string,
  below: YamlPath,
  { scope, known }: { scope: BuildScope; known: readonly string[] },
): Error {
  const meant = suggest(key, known);
  return scope.yaml.fault([...scope.path, ...below], {
    message: `${key} is not known here`,
    hint: meant === undefined ? `Known are ${known.join(', ')}.` : `Did you mean ${meant}?`,
    at: 'key',
  });
}

function placed<T>(scope: BuildScope, below: YamlPath, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof OneBuildError) || error.location !== undefined) throw error;
    throw scope.yaml.fault([...scope.path, ...below], { message: error.message, hint: error.hint });
  }
}
