import { formatPlatform } from '@onebuild/oci';
import type { Node, StepContext } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import { cleanPath } from '../tree/path.ts';
import { mountParameters } from './exec-key.ts';
import type { ExecSpec } from './exec-spec.ts';
import { readSecret } from './read-secret.ts';
import { variablePart } from './shown-variable.ts';
import type { ExplainPart } from './step-difference.ts';
import { belowPart, partsBelow, partsOfSource, type StepPart, shortDigest } from './step-parts.ts';
import { changedUnder } from './step-record.ts';

/** What a RUN hangs on, what a user would name first in front. */
export async function execParts(
  spec: ExecSpec,
  { root, below }: { readonly root: Node<Snapshot>; readonly below: Snapshot },
  context: StepContext,
): Promise<readonly StepPart[]> {
  const mounts: StepPart[] = [];
  for (const mount of spec.mounts) {
    // from now on a variable that holds the same is known for a secret
    if (mount.type === 'secret') await readSecret(mount.id, mount.content).catch(() => undefined);
    if ((mount.type === 'bind' || mount.type === 'cache') && mount.from !== undefined)
      mounts.push(...(await partsOfSource(mount.from, cleanPath(mount.source), { context })));
  }
  const { args, script, cwd, user, network, security, platform, extraHosts, mtime } = spec;
  const [base, layers] = partsBelow(root, below);
  return [
    ...(base === undefined ? [] : [base]),
    ['command', shortDigest([args, script])],
    ...spec.env.map((line) =>
      variablePart(spec.argNames.has(line.slice(0, line.indexOf('='))) ? 'ARG' : 'ENV', line),
    ),
    ['WORKDIR', shortDigest(cwd)],
    ['USER', shortDigest(user)],
    ['platform', formatPlatform(platform)],
    ['network', network],
    ['security', security],
    ...(layers === undefined ? [] : [layers]),
    ...mounts,
    ['its mounts', shortDigest(spec.mounts.map(mountParameters))],
    ['its further hosts', shortDigest(extraHosts)],
    ['the time that its files get', shortDigest(mtime)],
  ];
}

/** For what lies below, and what a mount takes from a stage. */
export function explainExec(spec: ExecSpec, root: Node<Snapshot>, context: StepContext): ExplainPart {
  return (what, before) => {
    if (what === belowPart) return changedUnder(root, before, context);
    const sources = spec.mounts.flatMap((one) =>
      (one.type === 'bind' || one.type === 'cache') && one.from !== undefined ? [one.from] : [],
    );
    const source = sources.find(({ name }) => name === what);
    return source?.type === 'snapshot' ? changedUnder(source.node, before, context) : undefined;
  };
}
