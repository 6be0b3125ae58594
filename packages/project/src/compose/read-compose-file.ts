import { OneBuildError } from '@onebuild/core';
import type { BakeDefinition, BakeTarget } from '../bake/bake-target.ts';
import type { Unsupported } from '../bake/to-target.ts';
import type { TextFile } from '../text-file.ts';
import { readYaml, type YamlPath, type YamlText } from '../yaml/read-yaml.ts';
import { interpolateCompose, type Lookup } from './interpolate-compose.ts';
import { readBuild, sanitizeName } from './read-build.ts';
import { readEnvFile } from './read-env-file.ts';
import { resolveExtends } from './resolve-extends.ts';
import { type ComposeMap, isMap, plainText } from './shape.ts';

export interface ReadComposeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `.env` of the folder. */
  readonly envFile?: TextFile;
  /** Services with other profiles are left out; undefined: none is. */
  readonly profiles?: readonly string[];
}

export interface ComposeDefinition {
  readonly definition: BakeDefinition;
  readonly unsupported: readonly Unsupported[];
}

/**
 * The services of a compose file that are built, as targets of the same names (dots become `_`), and the group `default` of all of them.
 * @throws PROJECT_PARSE, PROJECT_INVALID, PROJECT_EXPANSION
 */
export function readComposeFile(file: TextFile, options: ReadComposeOptions): ComposeDefinition {
  const raw = readYaml(file, { numbersAsText: true, merge: true });
  if (!isMap(raw.value)) throw raw.fault([], { message: 'a compose file is a map with services' });
  const outer: Lookup = (name) => (Object.hasOwn(options.env, name) ? options.env[name] : undefined);
  const fromFile = options.envFile && readEnvFile(options.envFile, outer);
  const lookup: Lookup = (name) => outer(name) ?? fromFile?.get(name);
  const unsupported: Unsupported[] = [];
  const top = pick(raw, lookup, unsupported);
  if (raw.value.include !== undefined) {
    throw raw.fault(['include'], {
      message: 'include is not supported',
      hint: 'Name the other file with -f, too.',
      at: 'key',
    });
  }
  const services = isMap(top.services) ? top.services : {};
  const targets: BakeTarget[] = [];
  for (const name of Object.keys(services)) {
    const service = resolveExtends(raw, services, name);
    if (service.build === undefined || service.build === null || !isWanted(service, options.profiles))
      continue;
    targets.push(
      readService(raw, {
        name,
        service,
        secrets: isMap(top.secrets) ? top.secrets : {},
        lookup,
        unsupported,
      }),
    );
  }
  const groups =
    Object.keys(services).length === 0 ? [] : [{ name: 'default', targets: targets.map(({ name }) => name) }];
  return { definition: { targets, groups }, unsupported };
}

interface ServiceParts {
  readonly name: string;
  readonly service: ComposeMap;
  readonly secrets: ComposeMap;
  readonly lookup: Lookup;
  readonly unsupported: Unsupported[];
}

function readService(
  yaml: YamlText,
  { name, service, secrets, lookup, unsupported }: ServiceParts,
): BakeTarget {
  const path = ['services', name, 'build'];
  const target = sanitizeName(name);
  if (!/^[a-zA-Z0-9_-]+$/.test(target)) {
    throw yaml.fault(['services', name], { message: `"${name}" cannot be the name of a target`, at: 'key' });
  }
  const values = readBuild(service.build, {
    yaml,
    path,
    secrets,
    env: (variable) => readEnvironment(service.environment, variable) ?? lookup(variable),
    warn: (attribute, message) => unsupported.push({ target, attribute, message: `${target}: ${message}` }),
  });
  const image = plainText(service.image);
  const tags = values.get('tags');
  if (image !== undefined && (!Array.isArray(tags) || tags.length === 0)) values.set('tags', [image]);
  const { location } = yaml.fault(['services', name], { message: '', at: 'key' });
  return { name: target, inherits: [], values, location: location ?? { file: yaml.file.name, line: 1 } };
}

function readEnvironment(environment: unknown, name: string): string | undefined {
  if (isMap(environment)) return Object.hasOwn(environment, name) ? plainText(environment[name]) : undefined;
  if (!Array.isArray(environment)) return undefined;
  const found = (environment as unknown[]).map(plainText).findLast((one) => one?.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

function isWanted({ profiles }: ComposeMap, wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined || wanted.includes('*') || !Array.isArray(profiles) || profiles.length === 0)
    return true;
  return (profiles as unknown[]).some((one) => wanted.includes(plainText(one) ?? ''));
}

/** What matters to builds, with variables put in. The rest of the file may have variables that only running needs. */
function pick(yaml: YamlText, lookup: Lookup, unsupported: Unsupported[]): ComposeMap {
  const warned = new Set<string>();
  const fill = (value: unknown, path: YamlPath): unknown => {
    if (typeof value === 'string') {
      try {
        return interpolateCompose(value, lookup, {
          onUnset(name) {
            if (warned.has(name)) return;
            warned.add(name);
            unsupported.push({
              target: '',
              attribute: name,
              message: `the variable ${name} is not set: it is empty`,
            });
          },
        });
      } catch (error) {
        if (!(error instanceof OneBuildError)) throw error;
        throw yaml.fault(path, { code: error.code, message: error.message, hint: error.hint });
      }
    }
    if (Array.isArray(value)) return (value as unknown[]).map((item, at) => fill(item, [...path, at]));
    if (!isMap(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, [...path, key])]));
  };
  const { services, secrets } = yaml.value as ComposeMap;
  if (services !== undefined && services !== null && !isMap(services))
    throw yaml.fault(['services'], { message: 'services is a map' });
  const wanted = ['build', 'image', 'extends', 'environment', 'profiles'];
  const kept = Object.entries(isMap(services) ? services : {}).map(([name, service]) => {
    if (!isMap(service)) return [name, service] as const;
    const parts = wanted.filter((key) => service[key] !== undefined);
    return [
      name,
      Object.fromEntries(parts.map((key) => [key, fill(service[key], ['services', name, key])])),
    ] as const;
  });
  return { services: Object.fromEntries(kept), secrets: fill(secrets, ['secrets']) };
}
