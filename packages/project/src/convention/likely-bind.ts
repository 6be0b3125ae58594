import type { Project, Target } from '../model.ts';

/**
 * What to say when a name that a target uses was looked up as an image and not found, and another variant was likely meant: no
 * registry and no tag but `latest` stand in it, and the component has other variants. Undefined: nothing to say.
 */
export function hintLikelyBind(
  name: string,
  target: Target,
  project: Pick<Project, 'targets'>,
): string | undefined {
  const bare = name.replace(/:latest$/, '');
  if (/[:@]/.test(bare) || /^(?:localhost|[^/]*\.[^/]*)\//.test(bare) || Object.hasOwn(target.binds, name))
    return undefined;
  const others = project.targets.filter(
    (other) =>
      other !== target &&
      other.component !== undefined &&
      other.component === target.component &&
      other.app === target.app,
  );
  const meant = others.find(({ variant }) => variant === 'standard') ?? others[0];
  if (meant?.variant === undefined) return undefined;
  return `If the variant ${meant.variant} is meant: --bind ${name}=${meant.variant}, or in onebuild.yaml bind: { ${JSON.stringify(name)}: ${meant.variant} }.`;
}
