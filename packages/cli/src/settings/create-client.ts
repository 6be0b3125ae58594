import { fault } from '@onebuild/core';
import type { ProjectRegistry } from '@onebuild/project';
import type { CredentialSource, RegistryClient, RegistryClientOptions } from '@onebuild/registry/client';
import type { CliContext } from '../cli-context.ts';
import type { RegistryFlags } from '../flags/registry-flags.ts';
import { findAuthSources } from './find-auth-sources.ts';
import { findProxies } from './proxy.ts';
import { readNamedFile } from './read-named-file.ts';
import { findEndpoints, findMirrors } from './registry-addresses.ts';
import { wantedLogins } from './wanted-logins.ts';

/**
 * A client with the user's logins and the settings of flags and environment.
 * @param registries what the project file says of registries
 * @throws USAGE, FILE_ACCESS, PROJECT_INVALID, DOCKER_CONFIG_INVALID
 */
export async function createClient(
  context: CliContext,
  flags: RegistryFlags,
  registries: readonly ProjectRegistry[] = [],
): Promise<RegistryClient> {
  const { createRegistryClient } = await import('@onebuild/registry/client');
  return createRegistryClient(await createClientOptions(context, flags, registries));
}

/** @throws USAGE, FILE_ACCESS, PROJECT_INVALID, DOCKER_CONFIG_INVALID */
export async function createClientOptions(
  context: CliContext,
  flags: RegistryFlags,
  registries: readonly ProjectRegistry[] = [],
): Promise<RegistryClientOptions> {
  const ca = await Promise.all(flags.registryCa.map((file) => readCertificates(file, context.cwd)));
  const endpoints = findEndpoints(flags.registryEndpoint, context, registries);
  return {
    credentials: await findCredentials(context, registries, endpoints.unapproved),
    mirrors: findMirrors(flags.mirror, registries),
    endpoints: endpoints.all,
    insecure: [...flags.insecureRegistry, ...insecureHosts(registries)],
    ca,
    certsDirs: ['/etc/docker/certs.d', '/etc/containers/certs.d'],
    proxy: findProxies(context.env),
    userAgent: `onebuild/${context.version}`,
    clock: context.clock,
  };
}

async function findCredentials(
  context: CliContext,
  registries: readonly ProjectRegistry[],
  unapproved: ReadonlyMap<string, string>,
): Promise<CredentialSource> {
  const { createLoginCredentials } = await import('@onebuild/registry/client');
  const source = createLoginCredentials(await findAuthSources(context), {
    wanted: wantedLogins(registries),
  });
  if (unapproved.size === 0) return source;
  const { guardEndpoints } = await import('./guard-endpoints.ts');
  return guardEndpoints(source, unapproved);
}

function insecureHosts(registries: readonly ProjectRegistry[]): readonly string[] {
  return registries
    .filter(({ insecure }) => insecure === true)
    .flatMap(({ host, endpoint }) => (endpoint === undefined ? [host] : [host, endpoint]));
}

async function readCertificates(file: string, cwd: string): Promise<string> {
  const text = await readNamedFile(file, { flag: '--registry-ca', cwd });
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw fault('USAGE', `--registry-ca ${file}: there is no certificate in it`, {
    hint: 'It has to be a PEM file: lines between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----.',
  });
}
