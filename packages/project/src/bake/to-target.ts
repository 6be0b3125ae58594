import { completeTarget } from '../complete-target.ts';
import type { Target, TargetRef } from '../model.ts';
import type { AttributeName, BakeTarget, Fields } from './bake-target.ts';
import { writeFields, writeSsh } from './read-fields.ts';

/** A thing that a file says and that has no effect here. */
export interface Unsupported {
  readonly target: string;
  readonly attribute: string;
  readonly message: string;
}

/** The target of the model, and what of it has no effect. */
export function toTarget(bake: BakeTarget): {
  readonly target: Target;
  readonly unsupported: readonly Unsupported[];
} {
  const text = (name: AttributeName): string | undefined => {
    const value = bake.values.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const texts = (name: AttributeName): readonly string[] =>
    (bake.values.get(name) ?? []) as readonly string[];
  const fields = (name: AttributeName): readonly Fields[] =>
    (bake.values.get(name) ?? []) as readonly Fields[];
  const map = (name: AttributeName): [string, string][] =>
    [...((bake.values.get(name) ?? new Map()) as ReadonlyMap<string, string | null>)].flatMap(
      ([key, value]) => (value === null ? [] : [[key, value]]),
    );
  const binds: [string, TargetRef][] = [];
  const contexts: [string, string][] = [];
  for (const [name, value] of map('contexts')) {
    if (value.startsWith('target:')) binds.push([name, { target: value.slice('target:'.length) }]);
    else contexts.push([name, value]);
  }
  const file = text('dockerfile');
  const inline = text('dockerfile-inline');
  const [network, shmSize, stage] = [text('network'), text('shm-size'), text('target')];
  const annotations = texts('annotations').map(splitAnnotation);
  const target = completeTarget({
    name: bake.name,
    location: bake.location,
    context: text('context') ?? '.',
    dockerfile: file === '' ? undefined : file,
    ...(inline !== undefined && { dockerfileInline: inline }),
    contexts: Object.fromEntries(contexts),
    binds: Object.fromEntries(binds),
    stage: stage === '' ? undefined : stage,
    args: Object.fromEntries(map('args')),
    platforms: texts('platforms'),
    tags: texts('tags'),
    labels: Object.fromEntries(map('labels')),
    annotations: Object.fromEntries(annotations),
    outputs: fields('output').map(writeFields),
    secrets: fields('secret').map(writeFields),
    ssh: fields('ssh').map(writeSsh),
    cacheFrom: fields('cache-from').map(writeFields),
    cacheTo: fields('cache-to').map(writeFields),
    noCache: bake.values.get('no-cache') === true,
    noCacheFilter: texts('no-cache-filter'),
    pull: bake.values.get('pull') === true,
    ...(network !== undefined && { network }),
    ...(shmSize !== undefined && { shmSize }),
    ulimits: texts('ulimits'),
    extraHosts: Object.fromEntries(map('extra-hosts')),
    entitlements: texts('entitlements'),
  });
  return { target, unsupported: findUnsupported(bake) };
}

function findUnsupported(bake: BakeTarget): Unsupported[] {
  const found: Unsupported[] = [];
  const add = (attribute: AttributeName, message: string): void => {
    found.push({ target: bake.name, attribute, message: `${bake.name}: ${message}` });
  };
  const [attest, call, policy] = [
    bake.values.get('attest'),
    bake.values.get('call'),
    bake.values.get('policy'),
  ];
  if (Array.isArray(attest) && attest.length > 0)
    add('attest', 'attestations are not made: attest has no effect');
  if (typeof call === 'string' && call !== 'build')
    add('call', `call = "${call}" has no effect: it is built`);
  if (policy !== undefined) add('policy', 'policies are not checked: policy has no effect');
  const leveled = ((bake.values.get('annotations') ?? []) as readonly string[]).filter(
    (one) => /^[a-z,-]+(\[[^\]]{1,100}\])?:/.test(one) && !one.startsWith('manifest:'),
  );
  if (leveled.length > 0)
    add('annotations', `annotations go to manifests alone, whatever level is named: ${leveled.join(' ')}`);
  return found;
}

/** `index,manifest:key=value`: the levels are left out. */
function splitAnnotation(text: string): [string, string] {
  const plain = text.replace(
    /^(?:(?:index|manifest|index-descriptor|manifest-descriptor)(?:\[[^\]]{1,100}\])?,?){1,8}:/,
    '',
  );
  const at = plain.indexOf('=');
  return at === -1 ? [plain, ''] : [plain.slice(0, at), plain.slice(at + 1)];
}
