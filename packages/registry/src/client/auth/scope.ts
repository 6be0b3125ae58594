/** Rights on one repository, as token servers write them: `repository:library/debian:pull,push` (distribution, spec/auth/scope.md). */
export interface Scope {
  readonly repository: string;
  readonly actions: readonly ScopeAction[];
}

export type ScopeAction = 'pull' | 'push' | 'delete';

export function formatScope(scope: Scope): string {
  return `repository:${scope.repository}:${[...scope.actions].sort().join(',')}`;
}

const maxScopeText = 4096;
const maxScopes = 16;

/** Sorted scope texts without doubles; those of one repository become one, a scope of unknown form stays as it is. */
export function mergeScopes(...lists: readonly (readonly string[])[]): readonly string[] {
  const actions = new Map<string, Set<string>>();
  for (const text of lists.flat()) {
    const cut = text.lastIndexOf(':');
    const name = cut < 0 ? text : text.slice(0, cut);
    const set = actions.get(name) ?? new Set<string>();
    if (cut >= 0) for (const action of text.slice(cut + 1).split(',')) set.add(action);
    actions.set(name, set);
  }
  return [...actions]
    .map(([name, set]) => (set.size === 0 ? name : `${name}:${[...set].sort().join(',')}`))
    .sort();
}

/** Scopes of a challenge: separated by spaces. Absurdly long ones are ignored. */
export function splitScopes(text: string | undefined): readonly string[] {
  if (text === undefined || text.length > maxScopeText) return [];
  const scopes = text.split(' ').filter((scope) => scope !== '');
  return scopes.length > maxScopes ? [] : scopes;
}

/** Whether rights `held` include all that is `wanted`. */
export function coversScopes(held: readonly string[], wanted: readonly string[]): boolean {
  return mergeScopes(held, wanted).join(' ') === mergeScopes(held).join(' ');
}
