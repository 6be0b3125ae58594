import { parsePlatform } from '@onebuild/oci';
import { completeTarget } from '../complete-target.ts';
import type { Facts } from '../interpolate/facts.ts';
import { createScope } from '../interpolate/scope.ts';
import type { ProjectRegistry, Target } from '../model.ts';
import type { YamlPath, YamlText } from '../yaml/read-yaml.ts';
import { createExpander, type Expander, listEntries, placeAt } from './expander.ts';
import { gather, type Layer, pick, type Written } from './layers.ts';
import { resolveImageName } from './registries.ts';
import { resolveCache } from './resolve-cache.ts';

/** One variant of a component before its values are known. */
export interface TargetDraft {
  readonly name: string;
  readonly app: string | undefined;
  readonly component: string;
  readonly variant: string | undefined;
  /** From the outermost to that of the variant. */
  readonly layers: readonly Layer[];
  readonly path: YamlPath;
}

export interface ResolveContext {
  readonly yaml: YamlText;
  readonly facts: Facts;
  readonly registries: readonly ProjectRegistry[];
  /** The first image of an earlier variant of the component. */
  readonly image?: string | undefined;
}

/** The target that a draft describes, without what other targets are needed for: its binds. */
export function resolveTarget(draft: TargetDraft, context: ResolveContext): Target {
  const { yaml, facts, registries, image } = context;
  const { name, app, component, variant, layers, path } = draft;
  const names = { app, component, variant };
  const early = createExpander(yaml, createScope({ facts, values: names }));
  const version = early.maybe(pick(layers, 'version'));
  const values = { ...names, version };
  const args = resolveArgs(draft, context, createExpander(yaml, createScope({ facts, values })));
  const expander = createExpander(yaml, createScope({ facts, values, args }));
  const tags = imageNames(context, expander, pick(layers, 'images'));
  const noCache = pick(layers, 'no-cache')?.value ?? false;
  const { location } = yaml.fault(path, { message: '', at: 'key' });
  return completeTarget({
    name,
    component,
    ...(app !== undefined && { app }),
    ...(variant !== undefined && { variant }),
    ...(version !== undefined && { version }),
    context: expander.maybe(pick(layers, 'context')) ?? '.',
    dockerfile: expander.maybe(pick(layers, 'dockerfile')),
    ...(layers.some(({ settings }) => settings.template !== undefined) && {
      template: expander.record(gather(layers, 'template')),
    }),
    contexts: expander.record(gather(layers, 'contexts')),
    stage: expander.maybe(pick(layers, 'stage')),
    args,
    platforms: resolvePlatforms(yaml, expander, pick(layers, 'platforms')),
    tags,
    labels: expander.record(gather(layers, 'labels')),
    annotations: expander.record(gather(layers, 'annotations')),
    outputs: expander.list(pick(layers, 'outputs')),
    secrets: expander.list(pick(layers, 'secrets')),
    ssh: expander.list(pick(layers, 'ssh')),
    ...resolveCache({ yaml, layers, expander, registries, image: image ?? tags[0] }),
    noCache: noCache === true,
    noCacheFilter: Array.isArray(noCache) ? noCache : [],
    pull: pick(layers, 'pull')?.value ?? false,
    ...optional('network', pick(layers, 'network')?.value),
    ...optional('shmSize', expander.maybe(pick(layers, 'shm-size'))),
    ulimits: expander.list(pick(layers, 'ulimits')),
    extraHosts: expander.record(gather(layers, 'extra-hosts')),
    entitlements: expander.list(pick(layers, 'allow')),
    location: location ?? { file: yaml.file.name, line: 1 },
  });
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, string>);
}

/** Build arguments; those of the command line win, then `base`. */
function resolveArgs(
  { layers }: TargetDraft,
  { yaml, facts, registries }: ResolveContext,
  expander: Expander,
): Readonly<Record<string, string | null>> {
  const args: [string, string | null][] = [...gather(layers, 'args')].map(([name, { value, path }]) => [
    name,
    value === null ? null : expander.text({ value, path }),
  ]);
  const base = pick(layers, 'base');
  if (base !== undefined) {
    const image = placeAt(yaml, base.path, () => resolveBase(expander.text(base), registries));
    args.push([expander.maybe(pick(layers, 'base-arg')) ?? 'BASE_IMAGE', image]);
  }
  return { ...Object.fromEntries(args), ...facts.args };
}

/** A base may also be `scratch`, which is no image. */
function resolveBase(text: string, registries: readonly ProjectRegistry[]): string {
  return text === 'scratch' ? text : resolveImageName(text, registries);
}

function imageNames(
  { yaml, registries }: ResolveContext,
  expander: Expander,
  written: Written<readonly string[]> | undefined,
): readonly string[] {
  if (written === undefined) return [];
  const names = listEntries(yaml, written).map((entry) => {
    const text = expander.text(entry);
    if (text.includes('@')) {
      throw yaml.fault(entry.path, { message: `${text}: an image that is made cannot have a digest yet` });
    }
    return placeAt(yaml, entry.path, () => resolveImageName(text, registries));
  });
  return [...new Set(names)];
}

function resolvePlatforms(
  yaml: YamlText,
  expander: Expander,
  written: Written<readonly string[]> | undefined,
): readonly string[] {
  if (written === undefined) return [];
  const platforms = listEntries(yaml, written).flatMap((entry) =>
    expander
      .text(entry)
      .split(',')
      .map((text) => text.trim())
      .map((text) => placeAt(yaml, entry.path, () => checkPlatform(text))),
  );
  return [...new Set(platforms)];
}

/** The text, when it names a platform; `local` and a system alone mean this machine, which is not known here. */
function checkPlatform(text: string): string {
  parsePlatform(text, { os: 'linux', architecture: 'amd64' });
  return text;
}
