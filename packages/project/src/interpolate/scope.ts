import { fault, type OneBuildError, suggest } from '@onebuild/core';
import type { Facts } from './facts.ts';
import { gitNames } from './git-facts.ts';

/** What names between `${` and `}` mean at one place of a project file. */
export interface Scope {
  /**
   * Undefined: the name is known and has no value.
   * @throws PROJECT_EXPANSION for a name that is not known
   */
  get(name: string): string | undefined;
  /** The fault for a known name that has no value where one is needed. */
  explainUnset(name: string): OneBuildError;
}

export interface ScopeOptions {
  readonly facts: Facts;
  /** `app`, `variant` and their like. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** Build arguments; undefined where they cannot be used. */
  readonly args?: Readonly<Record<string, string | null>>;
}

export function createScope({ facts, values, args }: ScopeOptions): Scope {
  const roots: Readonly<Record<string, (name: string) => string | undefined>> = {
    env: (name) => (Object.hasOwn(facts.env, name) ? facts.env[name] : undefined),
    git(name) {
      const read = Object.hasOwn(gitNames, name) ? gitNames[name] : undefined;
      if (read === undefined) throw unknown(`git.${name}`);
      return facts.git && read(facts.git);
    },
    args(name) {
      if (args === undefined || !Object.hasOwn(args, name)) throw unknown(`args.${name}`, args === undefined);
      return args[name] ?? undefined;
    },
  };
  const names = (): string[] => [
    ...Object.keys(values),
    ...Object.keys(gitNames).map((name) => `git.${name}`),
    ...Object.keys(args ?? {}).map((name) => `args.${name}`),
  ];
  const unknown = (name: string, isTooEarly = false): OneBuildError =>
    fault('PROJECT_EXPANSION', `there is nothing with the name ${name}`, {
      hint: isTooEarly
        ? 'Build arguments cannot be used here: they may use what stands here themselves.'
        : hintFor(name, names(), facts),
    });
  return {
    get(name) {
      if (Object.hasOwn(values, name)) return values[name];
      const [root = '', ...rest] = name.split('.');
      const read = Object.hasOwn(roots, root) ? roots[root] : undefined;
      if (read === undefined || rest.length === 0) throw unknown(name);
      return read(rest.join('.'));
    },
    explainUnset: (name) =>
      fault('PROJECT_EXPANSION', `${name} has no value`, { hint: hintForUnset(name, facts) }),
  };
}

function hintFor(name: string, names: readonly string[], facts: Facts): string {
  const last = name.slice(name.lastIndexOf('.') + 1);
  const known = names.find((one) => one === `args.${name}`) ?? suggest(name, names);
  const meant =
    known ?? (Object.hasOwn(facts.env, last) ? `env.${last}` : names.find((one) => one.endsWith(`.${last}`)));
  const plain = 'A plain dollar sign is written \\$.';
  return meant === undefined
    ? `Names are ${names.slice(0, 12).join(', ')} and env.NAME. ${plain}`
    : `Did you mean \${${meant}}? ${plain}`;
}

function hintForUnset(name: string, { git }: Facts): string {
  const byDefault = `give it a default: \${${name}:-...}`;
  if (name.startsWith('env.')) return `Set the environment variable, or ${byDefault}.`;
  if (!name.startsWith('git.')) return `Write it in the file, or ${byDefault}.`;
  if (git === undefined) return `The folder is in no git repository that can be read; ${byDefault}.`;
  return `The commit has none; ${byDefault}.`;
}
