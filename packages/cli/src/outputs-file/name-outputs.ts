import { standardVariant } from '@onebuild/project';
import { outputKey } from './output-key.ts';
import type { OutputsReport, ReportedTarget } from './outputs-report.ts';

/** `amd64Kylinv10ImageName` and what it is. */
export type NamedOutput = readonly [key: string, value: string];

/**
 * Names the images of a build for scripts: `<variant>ImageName` and `<variant>ImageDigest` for what a target's first tag points at, and the
 * same with the architecture in front for each platform. The standard variant has no word of its own. Where a build has several
 * components, apps or refs, all keys have a word for them. Keys that are the same even so have a number at their end, in the order of the
 * build.
 */
export function nameOutputs({ targets }: OutputsReport): readonly NamedOutput[] {
  const wordsOf = describeTargets(targets);
  const counts = new Map<string, number>();
  const unique = (key: string): string => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count === 1 ? key : `${key}_${count}`;
  };
  return targets.flatMap((target) => {
    const [image] = target.images;
    const words = wordsOf(target);
    const tag = image?.names[0];
    const made = [
      { of: words, digest: image?.digest },
      ...target.platforms.map(({ platform, digest }) => ({ of: [architecture(platform), ...words], digest })),
    ];
    return made.flatMap(({ of, digest }): readonly NamedOutput[] => {
      if (digest === undefined) return [];
      const [nameKey, digestKey] = [
        unique(outputKey([...of, 'image', 'name'])),
        unique(outputKey([...of, 'image', 'digest'])),
      ];
      return [...(tag === undefined ? [] : [[nameKey, tag] as const]), [digestKey, digest]];
    });
  });
}

/** Gives the words that tell a target from the others of its build. */
function describeTargets(targets: readonly ReportedTarget[]): (target: ReportedTarget) => readonly string[] {
  const areSeveral = (of: (target: ReportedTarget) => string | undefined): boolean =>
    new Set(targets.map(of)).size > 1;
  const [apps, components, refs] = [
    areSeveral(({ app }) => app),
    areSeveral(componentOf),
    areSeveral(({ ref }) => ref),
  ];
  return (target) => {
    const { app = '', variant = '', ref = '' } = target;
    return [
      apps ? app : '',
      components ? componentOf(target) : '',
      variant === standardVariant ? '' : variant,
      refs ? ref : '',
    ];
  };
}

/** Targets of bake and compose files have no component: each is one by itself. */
function componentOf({ component, name, ref }: ReportedTarget): string {
  if (component !== undefined) return component;
  return ref !== undefined && name.endsWith(`@${ref}`) ? name.slice(0, -ref.length - 1) : name;
}

/** `linux/arm/v7` is `armv7`, `windows/amd64` is `windows-amd64`. */
function architecture(platform: string): string {
  const [os = '', name = '', ...more] = platform.split('/');
  return `${os === 'linux' ? '' : `${os}-`}${name}${more.join('')}`;
}
