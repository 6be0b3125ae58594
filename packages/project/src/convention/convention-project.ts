import { checkBinds } from '../check-binds.ts';
import { completeTarget } from '../complete-target.ts';
import type { Project, Target, TargetRef } from '../model.ts';
import type { TextFile } from '../text-file.ts';
import { findImageNames } from './find-image-names.ts';
import { type BindRequest, matchBind } from './match-bind.ts';

/** What a folder holds, as far as it matters. */
export interface FolderListing {
  /** Last part of its path. */
  readonly folder: string;
  /** Files of the folder that may be Dockerfiles, with their texts: `Dockerfile`, `Dockerfile.kylinv10`. */
  readonly dockerfiles: readonly TextFile[];
}

export interface ConventionOptions {
  /** `--bind name=variant[/stage]`, parsed. */
  readonly binds?: readonly BindRequest[];
}

/** The variant that `Dockerfile` itself makes, beside others. */
export const standardVariant = 'standard';

/** Whether a file's name is that of a Dockerfile by convention. Ignore files, backups and templates are not. */
export function isDockerfileName(name: string): boolean {
  return variantOf(name) !== undefined;
}

/** `kylinv10` for `Dockerfile.kylinv10`, `standard` for `Dockerfile`. */
function variantOf(name: string): string | undefined {
  if (name === 'Dockerfile') return standardVariant;
  const variant = /^Dockerfile\.([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/.exec(name)?.[1];
  if (variant === undefined || variant === standardVariant) return undefined;
  return /(?:^|\.)(?:dockerignore|bak|orig|rej|swp|tmp|tmpl|template|md|txt)$/i.test(variant)
    ? undefined
    : variant;
}

/**
 * A folder with `Dockerfile` and `Dockerfile.<variant>` files is a component with variants, and its name is the folder's. A name after
 * `--from=` or FROM whose last part is that of the component, or that is one word with `-helper` at its end, means its standard
 * variant. Undefined: there is no Dockerfile.
 */
export function conventionProject(
  listing: FolderListing,
  options: ConventionOptions = {},
): Project | undefined {
  const files = listing.dockerfiles
    .flatMap((file) => {
      const variant = variantOf(lastPart(file.name));
      return variant === undefined ? [] : [{ file, variant }];
    })
    .sort((a, b) => compare(a.variant, b.variant));
  if (files.length === 0) return undefined;
  const component = componentName(listing.folder);
  const hasVariants = files.length > 1 || files[0]?.variant !== standardVariant;
  const variants = files.map(({ variant }) => variant);
  const nameOf = (variant: string): string => (hasVariants ? `${component}.${variant}` : component);
  const targets = files.map(({ file, variant }): Target => {
    const refs = findImageNames(file).flatMap((name): [string, TargetRef][] => {
      const match = matchBind(name, { component, variants, own: variant, binds: options.binds ?? [] });
      if (match === undefined) return [];
      return [
        [name, { target: nameOf(match.variant), ...(match.stage !== undefined && { stage: match.stage }) }],
      ];
    });
    return completeTarget({
      name: nameOf(variant),
      component,
      ...(hasVariants && { variant }),
      dockerfile: lastPart(file.name),
      binds: Object.fromEntries(refs),
      location: { file: file.name, line: 1 },
    });
  });
  checkBinds(targets);
  return {
    targets,
    groups: hasVariants ? { [component]: targets.map(({ name }) => name) } : {},
    defaults: [component],
    files: files.map(({ file }) => file.name),
    registries: [],
  };
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder's name with what cannot be in names left out. */
function componentName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  return name === '' ? 'image' : name.slice(0, 128);
}

/** The standard variant first, the others by name. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  if (a === standardVariant) return -1;
  return b !== standardVariant && a < b ? -1 : 1;
}
