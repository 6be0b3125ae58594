import type { Unsupported } from '@onebuild/project';

/** Names of targets that one line lists. */
const namesShown = 3;

/** What bake and compose files say in vain, as lines: the same of several targets once. */
export function describeUnsupported(unsupported: readonly Unsupported[]): string[] {
  const groups = Map.groupBy(unsupported, ({ target, message }) => message.replace(`${target}: `, ''));
  return [...groups].map(([message, group]) => {
    const names = [...new Set(group.map(({ target }) => target))];
    const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : '';
    return `${names.slice(0, namesShown).join(', ')}${more}: ${message}`;
  });
}
