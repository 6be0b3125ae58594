import type { Target } from '@onebuild/project';
import type { BuildFlags } from '../commands/build/build-flags.ts';

/**
 * The command line that a target stands for, with what was really typed on top: single values and lists that say what comes out (`-t`,
 * `--platform`, `-o`, `--target`) replace those of the target; of names with values the typed ones win. `-f` is left out: the
 * Dockerfile is looked up from the target's context. Caches are: paths of the two are from other folders.
 */
export function mergeTargetFlags(target: Target, flags: BuildFlags): BuildFlags {
  const pairs = (values: Readonly<Record<string, string | null>>): readonly string[] =>
    Object.entries(values).map(([name, value]) => (value === null ? name : `${name}=${value}`));
  const stage = flags.target ?? target.stage;
  const shmSize = flags.shmSize ?? target.shmSize;
  return {
    ...flags,
    file: [],
    tag: replace(target.tags, flags.tag),
    platform: replace(target.platforms, flags.platform),
    output: replace(target.outputs, flags.output),
    ...(stage !== undefined && { target: stage }),
    ...(shmSize !== undefined && { shmSize }),
    buildArg: [...pairs(target.args), ...flags.buildArg],
    label: [...pairs(target.labels), ...flags.label],
    annotation: [...pairs(target.annotations), ...flags.annotation],
    secret: [...target.secrets, ...flags.secret],
    ssh: [...target.ssh, ...flags.ssh],
    addHost: [
      ...Object.entries(target.extraHosts).map(([name, address]) => `${name}=${address}`),
      ...flags.addHost,
    ],
    allow: [...target.entitlements, ...flags.allow],
    ulimit: [...target.ulimits, ...flags.ulimit],
    cache: flags.cache && !target.noCache,
    cacheFilter: [...target.noCacheFilter, ...flags.cacheFilter],
    pull: flags.pull === true || target.pull,
    network: flags.network === 'default' ? (target.network ?? flags.network) : flags.network,
  };
}

function replace(own: readonly string[], typed: readonly string[]): readonly string[] {
  return typed.length > 0 ? typed : own;
}
