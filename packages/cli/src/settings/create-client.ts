import { join, resolve } from 'node:path';
import { fault } from '@onebuild/core';
import type { Mirror, RegistryClient, RegistryClientOptions } from '@onebuild/registry/client';
import type { CliContext } from '../cli-context.ts';
import { splitPair } from '../flags/csv-fields.ts';
import type { RegistryFlags } from '../flags/registry-flags.ts';
import { findProxies } from './proxy.ts';
import { readNamedFile } from './read-named-file.ts';

/** A client with the credentials of Docker's config.json and the settings of flags and environment. */
export async function createClient(context: CliContext, flags: RegistryFlags): Promise<RegistryClient> {
  const { createRegistryClient } = await import('@onebuild/registry/client');
  return createRegistryClient(await createClientOptions(context, flags));
}

/** @throws USAGE, FILE_ACCESS */
export async function createClientOptions(
  context: CliContext,
  flags: RegistryFlags,
): Promise<RegistryClientOptions> {
  const { createDockerConfigCredentials } = await import('@onebuild/registry/client');
  const path = findDockerConfig(context);
  const ca = await Promise.all(flags.registryCa.map((file) => readCertificates(file, context.cwd)));
  return {
    ...(path !== undefined && { credentials: createDockerConfigCredentials({ path }) }),
    mirrors: parseMirrors(flags.mirror),
    insecure: flags.insecureRegistry,
    ca,
    certsDirs: ['/etc/docker/certs.d', '/etc/containers/certs.d'],
    proxy: findProxies(context.env),
    userAgent: `onebuild/${context.version}`,
    clock: context.clock,
  };
}

async function readCertificates(file: string, cwd: string): Promise<string> {
  const text = await readNamedFile(file, { flag: '--registry-ca', cwd });
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw fault('USAGE', `--registry-ca ${file}: there is no certificate in it`, {
    hint: 'It has to be a PEM file: lines between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----.',
  });
}

/** `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`; undefined without a home folder. */
export function findDockerConfig({ env, cwd }: Pick<CliContext, 'env' | 'cwd'>): string | undefined {
  const folder = env['DOCKER_CONFIG'] || (env['HOME'] && join(env['HOME'], '.docker'));
  return folder ? resolve(cwd, folder, 'config.json') : undefined;
}

/** `--mirror docker.io=https://mirror.example.com`; several for one registry are asked in order. */
export function parseMirrors(texts: readonly string[]): Record<string, Mirror[]> {
  const mirrors: Record<string, Mirror[]> = {};
  for (const text of texts) {
    const [host, url] = splitPair(text);
    if (host === '' || url === undefined || url === '') {
      throw fault('USAGE', `--mirror ${JSON.stringify(text)} has to be HOST=URL`, {
        hint: 'For example --mirror docker.io=https://mirror.example.com.',
      });
    }
    mirrors[host] = [...(mirrors[host] ?? []), { url }];
  }
  return mirrors;
}
