import { fault } from '@onebuild/core';
import { createScope, type Facts, interpolate, standardVariant, type Target } from '@onebuild/project';
import type { BuildFlags } from './build-flags.ts';

export interface NamingOptions {
  readonly facts: Facts;
  /** How many targets the command line is for. */
  readonly count: number;
  /** The targets are the Dockerfiles of a folder: no file says how images are called. */
  readonly byConvention: boolean;
  /** What `--ref` named. */
  readonly ref?: string;
}

/**
 * What `-t` and `-o` say, for one target: `${variant}`, `${target}` and their like are put in. Of several variants by convention the standard one
 * has the name as it is, and `-<variant>` is put behind the repository for others.
 * @throws USAGE where several targets would have one name, PROJECT_EXPANSION
 */
export function nameForTarget(
  { tag, output }: Pick<BuildFlags, 'tag' | 'output'>,
  target: Target,
  { facts, count, byConvention, ref }: NamingOptions,
): Pick<BuildFlags, 'tag' | 'output'> {
  const { name, app, component, variant, version } = target;
  const scope = createScope({ facts, values: { target: name, app, component, variant, version, ref } });
  const put = (text: string): string => (text.includes('${') ? interpolate(text, scope) : text);
  const nameOf = (text: string): string => {
    if (text.includes('${') || count === 1) return put(text);
    if (byConvention && ref === undefined)
      return variant === undefined || variant === standardVariant ? text : withSuffix(text, variant);
    throw fault('USAGE', `-t ${text} would be the name of ${count} images`, {
      hint: `Put \${target}${ref === undefined ? '' : ', ${ref//\\//-}'} or \${variant} into it, in single quotes for the shell: -t '${text}-\${variant}'.`,
    });
  };
  return { tag: tag.map(nameOf), output: output.map(put) };
}

/** `host:5000/app:1` becomes `host:5000/app-kylinv10:1`; names of repositories have no capitals. */
function withSuffix(name: string, variant: string): string {
  const colon = name.lastIndexOf(':');
  const at = colon > name.lastIndexOf('/') ? colon : name.length;
  return `${name.slice(0, at)}-${variant.toLowerCase()}${name.slice(at)}`;
}
