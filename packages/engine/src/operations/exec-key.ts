import { digestOf } from '@onebuild/oci';
import { canonicalText } from '../graph/canonical-text.ts';
import type { StepContext } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import type { ExecMount, ExecSpec } from './exec-spec.ts';
import { mountContent } from './mount-content.ts';

/** What of the spec is the same for the definition key and the content key; bumped when results of the same words would differ. */
export function execParameters(spec: ExecSpec): unknown {
  const { args, env, cwd, user, network, security, platform, script, extraHosts, mtime } = spec;
  const mounts = spec.mounts.map(mountParameters);
  return { v: 1, args, env, cwd, user, network, security, platform, script, extraHosts, mtime, mounts };
}

export function mountParameters(mount: ExecMount): unknown {
  switch (mount.type) {
    case 'bind':
      return [mount.type, mount.source, mount.target, mount.readonly];
    case 'cache':
      return [mount.type, mount.id, mount.target, mount.readonly, mount.source];
    case 'tmpfs':
      return [mount.type, mount.target];
    case 'secret':
      return [mount.type, mount.id, mount.target, mount.env, mount.mode, mount.uid, mount.gid];
    case 'ssh':
      return [mount.type, mount.id, mount.target];
  }
}

/**
 * The content key: the command and the digests of everything that it can see. Secrets' contents stay outside, and of caches all but what they
 * are filled with.
 */
export async function execContentKey(spec: ExecSpec, root: Snapshot, context: StepContext): Promise<string> {
  const mounted = await Promise.all(
    spec.mounts.map(async (mount) => {
      if ((mount.type !== 'bind' && mount.type !== 'cache') || mount.from === undefined) return null;
      return mountContent({ from: mount.from, source: mount.source }, context);
    }),
  );
  return digestOf(canonicalText([execParameters(spec), root.layers.map((layer) => layer.id), mounted]));
}
