import { availableParallelism } from 'node:os';
import { fault } from '@onebuild/core';
import type { BuildOptions } from '@onebuild/engine';
import { hostPlatform, type Platform, parsePlatform, parseReference, type Reference } from '@onebuild/oci';
import type { CliContext } from '../../cli-context.ts';
import { parseBytes, parseCpus, parseWhole } from '../../flags/amounts.ts';
import { parseBuildContext, parseContext } from '../../flags/parse-context.ts';
import { parseAnnotations, parseBuildArgs, parseHosts, parseLabels } from '../../flags/parse-pairs.ts';
import { parseSecret, parseSsh } from '../../flags/parse-secret.ts';
import { findCacheAccess } from '../../settings/cache-access.ts';
import { chooseLayerTimes } from '../../settings/layer-times.ts';
import { findProxyVariables } from '../../settings/proxy.ts';
import { findStoreHome } from '../../settings/store-home.ts';
import type { BuildFlags } from './build-flags.ts';
import { collectCaches } from './collect-caches.ts';
import { collectOutputs } from './collect-outputs.ts';
import { chooseNoCache } from './choose-no-cache.ts';
import { findDockerfile } from './find-dockerfile.ts';
import { warnIgnoredFlags } from './warn-ignored-flags.ts';

/** What the engine gets beside the parts that live: client, signal, events. */
export type BuildRequest = Omit<BuildOptions, 'registry' | 'signal' | 'emit' | 'clock'> & {
  /** An archive goes to standard output. */
  readonly usesStdout: boolean;
  /** Private keys by id, for which agents have to be started. */
  readonly sshKeys: Readonly<Record<string, readonly string[]>>;
};

/**
 * Makes of a command line what the engine understands.
 * @throws USAGE, OUTPUT_INVALID, REFERENCE_INVALID, PLATFORM_INVALID, CONTEXT_NOT_FOUND, DOCKERFILE_NOT_FOUND,
 * SECRET_NOT_FOUND, SSH_NOT_FOUND, FILE_ACCESS, CACHE_SIGNATURE
 */
export async function createBuildRequest(
  context: CliContext,
  source: string,
  flags: BuildFlags,
  options: { readonly rootless: boolean; readonly warn: (message: string) => void },
): Promise<BuildRequest> {
  const { env, cwd } = context;
  const { warn, rootless } = options;
  const checkOnly = flags.check === true || flags.call === 'check';
  warnIgnoredFlags(flags, warn);
  const tags = flags.tag.map((text) => parseReference(text));
  for (const [index, tag] of tags.entries()) {
    if (tag.digest !== undefined)
      throw fault('USAGE', `-t ${flags.tag[index] ?? ''}: a tag cannot carry a digest`);
  }
  const { outputs, annotations, usesStdout } = collectOutputs(flags, {
    dockerHost: context.env['DOCKER_HOST'],
    cwd,
    tags,
    stdout: context.stdout,
    warn,
  });
  const buildArgs = parseBuildArgs(flags.buildArg, env);
  const epoch = buildArgs['SOURCE_DATE_EPOCH'] ?? env['SOURCE_DATE_EPOCH'];
  if (epoch !== undefined && epoch !== '') buildArgs['SOURCE_DATE_EPOCH'] = epoch;
  const contextSource = parseContext(source, context);
  const dockerfile = await findDockerfile(flags.file.at(-1), contextSource, context);
  return {
    home: findStoreHome(context, flags.home),
    context: contextSource,
    ...(dockerfile !== undefined && { dockerfile }),
    ...(flags.target !== undefined && { target: flags.target }),
    buildArgs,
    buildContexts: Object.fromEntries(flags.buildContext.map((text) => parseBuildContext(text, { cwd }))),
    platforms: parsePlatforms(flags.platform),
    labels: parseLabels(flags.label),
    annotations: { ...annotations, ...parseAnnotations(flags.annotation, warn) },
    tags,
    secrets: Object.fromEntries(flags.secret.map((text) => parseSecret(text, context))),
    ...parseAgents(flags.ssh, context),
    outputs,
    ...(await collectCaches([{ ...flags, cwd }], {
      access: checkOnly ? 'none' : findCacheAccess(context, flags.cacheAccess),
      image: imageName(tags, outputs),
      warn,
    })),
    noCache: chooseNoCache(flags),
    pull: flags.pull === true,
    network: flags.network === 'none' ? 'none' : 'host',
    extraHosts: parseHosts(flags.addHost),
    limits: parseLimits(flags),
    allow: parseAllowances(flags.allow),
    jobs: flags.jobs === undefined ? availableParallelism() : parseWhole(flags.jobs, '--jobs', 1),
    times: chooseLayerTimes(flags.timestamp, epoch),
    sandbox: flags.sandbox as BuildOptions['sandbox'],
    rootless,
    proxy: findProxyVariables(env),
    checkOnly,
    version: context.version,
    usesStdout,
  };
}

function parseAgents(texts: readonly string[], context: CliContext): Pick<BuildRequest, 'ssh' | 'sshKeys'> {
  const ssh: Record<string, string> = {};
  const sshKeys: Record<string, readonly string[]> = {};
  for (const text of texts) {
    const [id, source] = parseSsh(text, context);
    if (source.type === 'socket') ssh[id] = source.path;
    else sshKeys[id] = source.paths;
  }
  return { ssh, sshKeys };
}

function parsePlatforms(texts: readonly string[]): readonly Platform[] {
  const host = hostPlatform(process.arch);
  const platforms = texts.flatMap((text) => text.split(',')).map((text) => parsePlatform(text, host));
  const seen = new Map(platforms.map((platform) => [JSON.stringify(platform), platform]));
  return [...seen.values()];
}

/** What a cache without a name of its own lies beside. */
export function imageName(
  tags: BuildRequest['tags'],
  outputs: BuildRequest['outputs'],
): Reference | undefined {
  return tags[0] ?? outputs.flatMap((output) => (output.type === 'push' ? output.names : []))[0];
}

function parseLimits({ memory, cpus, shmSize }: BuildFlags): BuildOptions['limits'] {
  return {
    ...(memory !== undefined && { memory: parseBytes(memory, '--memory') }),
    ...(cpus !== undefined && { cpus: parseCpus(cpus, '--cpus') }),
    ...(shmSize !== undefined && { shmSize: parseBytes(shmSize, '--shm-size') }),
  };
}

function parseAllowances(texts: readonly string[]): BuildOptions['allow'] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => {
      if (text === 'security.insecure' || text === 'network.host') return text;
      throw fault('USAGE', `--allow: there is no entitlement ${JSON.stringify(text)}`, {
        hint: 'Entitlements are security.insecure and network.host.',
      });
    });
}
