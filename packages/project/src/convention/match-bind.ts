import { fault, suggest } from '@onebuild/core';

/** `--bind name=variant[/stage]` */
export interface BindRequest {
  readonly name: string;
  readonly variant: string;
  readonly stage?: string;
}

export interface BindSearch {
  readonly component: string;
  readonly variants: readonly string[];
  /** The variant that uses the name. */
  readonly own: string;
  readonly binds: readonly BindRequest[];
}

const standard = 'standard';

/**
 * Reads what `--bind` takes.
 * @throws USAGE
 */
export function parseBind(text: string): BindRequest {
  const [, name, variant, stage] = /^([^=]+)=([^=/]+)(?:\/([^=/]+))?$/.exec(text) ?? [];
  if (name === undefined || variant === undefined) {
    throw fault('USAGE', `--bind ${JSON.stringify(text)} has to be NAME=VARIANT or NAME=VARIANT/STAGE`, {
      hint: 'For example --bind helper:latest=standard: COPY --from=helper:latest takes files of that variant.',
    });
  }
  return { name, variant, ...(stage !== undefined && { stage }) };
}

/**
 * The variant that an image's name means: what `--bind` says of it, with or without its tag; else the standard one, where the
 * name's last part is the component's or ends in it, with `-helper` behind it or not (`jdos-etcd-restore-helper:latest` in a folder
 * `etcd-restore`), or where the whole name is one word with `-helper` at its end: what scripts call the image that carries files from
 * one build to the next, and what no registry has, since a name without folder is one of Docker Hub's own images.
 * @throws USAGE for a binding to a variant that is not there
 */
export function matchBind(name: string, search: BindSearch): BindRequest | undefined {
  const { component, variants, own, binds } = search;
  const bare = withoutTag(name);
  const asked = binds.find((bind) => bind.name === name) ?? binds.find((bind) => bind.name === bare);
  if (asked !== undefined) {
    const variant = withoutComponent(asked.variant, search);
    if (!variants.includes(variant)) throw noVariant(asked, variants);
    return variant === own && asked.stage === undefined ? undefined : { ...asked, variant };
  }
  if (own === standard || !variants.includes(standard)) return undefined;
  // a tag other than latest, or a digest, means one certain image
  if (name !== bare && name !== `${bare}:latest`) return undefined;
  const last = bare.slice(bare.lastIndexOf('/') + 1).toLowerCase();
  // what carries files from one build to the next is often called a helper
  const isOwn = [last, last.replace(/-helper$/, '')].some(
    (word) => word === component || (word.endsWith(`-${component}`) && component.length >= 3),
  );
  const isHelper = last === bare && /.-helper$/.test(bare);
  return isOwn || isHelper ? { name, variant: standard } : undefined;
}

/** Targets are called `component.variant`: both names are understood. */
function withoutComponent(name: string, { component, variants }: BindSearch): string {
  const start = `${component}.`;
  return !variants.includes(name) && name.startsWith(start) ? name.slice(start.length) : name;
}

/** `host:5000/a/b:1@sha256:...` without tag and digest. */
function withoutTag(name: string): string {
  return name.replace(/@.*$/s, '').replace(/:[^/:]*$/, '');
}

function noVariant({ name, variant }: BindRequest, variants: readonly string[]): Error {
  const meant = suggest(variant, variants);
  return fault('USAGE', `--bind ${name}=${variant}: there is no variant ${JSON.stringify(variant)}`, {
    hint: meant === undefined ? `Variants are ${variants.join(', ')}.` : `Did you mean ${meant}?`,
  });
}
