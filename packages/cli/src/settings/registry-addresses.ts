import { fault } from '@onebuild/core';
import type { ProjectRegistry } from '@onebuild/project';
import type { Mirror } from '@onebuild/registry/client';
import type { CliContext } from '../cli-context.ts';
import { splitPair } from '../flags/csv-fields.ts';

/** Where registries are reached, by the host in images' names. */
export interface Endpoints {
  readonly all: Readonly<Record<string, string>>;
  /** Those that a project file alone names: the user has not said that their logins may go there. */
  readonly unapproved: ReadonlyMap<string, string>;
}

/**
 * Of `--registry-endpoint`, else of ONEBUILD_REGISTRY_ENDPOINT, else of the project file.
 * @throws USAGE, PROJECT_INVALID
 */
export function findEndpoints(
  texts: readonly string[],
  { env }: Pick<CliContext, 'env'>,
  registries: readonly ProjectRegistry[],
): Endpoints {
  const variable = (env['ONEBUILD_REGISTRY_ENDPOINT'] ?? '').split(/[\s,]+/).filter((text) => text !== '');
  const given = {
    ...Object.fromEntries(variable.map((text) => parseEndpoint('ONEBUILD_REGISTRY_ENDPOINT', text))),
    ...Object.fromEntries(texts.map((text) => parseEndpoint('--registry-endpoint', text))),
  };
  const unapproved = new Map<string, string>();
  for (const { name, host, endpoint } of registries) {
    if (endpoint === undefined || endpoint === host || Object.hasOwn(given, host)) continue;
    if ((unapproved.get(host) ?? endpoint) !== endpoint) {
      throw fault('PROJECT_INVALID', `the registry ${name} gives ${host} a second endpoint, ${endpoint}`);
    }
    unapproved.set(host, endpoint);
  }
  return { all: { ...Object.fromEntries(unapproved), ...given }, unapproved };
}

/** `--mirror docker.io=https://mirror.example.com`; several for one registry are asked in order, those of the project file last. */
export function findMirrors(
  texts: readonly string[],
  registries: readonly ProjectRegistry[] = [],
): Record<string, Mirror[]> {
  const mirrors: Record<string, Mirror[]> = {};
  const add = (host: string, url: string): void => {
    mirrors[host] = [...(mirrors[host] ?? []), { url }];
  };
  for (const text of texts) {
    const [host, url] = splitPair(text);
    if (host === '' || url === undefined || url === '') {
      throw fault('USAGE', `--mirror ${JSON.stringify(text)} has to be HOST=URL`, {
        hint: 'For example --mirror docker.io=https://mirror.example.com.',
      });
    }
    add(host, url);
  }
  for (const registry of registries) for (const mirror of registry.mirrors ?? []) add(registry.host, mirror);
  return mirrors;
}

/** `registry.example.com=https://registry.internal:5000` */
function parseEndpoint(where: string, text: string): [host: string, address: string] {
  const [host, address = ''] = splitPair(text);
  const url = URL.parse(/^https?:\/\//i.test(address) ? address : `https://${address}`);
  const isAddress =
    address !== '' && url !== null && url.username + url.password + url.search + url.hash === '';
  if (isAddress && /^[\w.:[\]-]+$/.test(host)) return [host, address];
  // a user or a password in it is shown to nobody
  throw fault('USAGE', `${where} for ${JSON.stringify(host)} has to be HOST=URL`, {
    hint: `For example ${where}${where.startsWith('-') ? ' ' : '='}registry.example.com=https://registry.internal:5000.`,
  });
}
