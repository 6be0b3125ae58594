import { suggest } from '@onebuild/core';
import type { Project } from '../model.ts';
import type { YamlText } from '../yaml/read-yaml.ts';
import { listEntries } from './expander.ts';
import type { ComponentDraft } from './list-drafts.ts';
import type { ProjectFile } from './schema.ts';

type Groups = Record<string, readonly string[]>;

/**
 * Names that stand for several targets: components with variants, apps, and what `groups:` says; and what is built by default.
 * @throws PROJECT_INVALID
 */
export function resolveGroups(
  yaml: YamlText,
  file: ProjectFile,
  components: readonly ComponentDraft[],
): Pick<Project, 'groups' | 'defaults'> {
  const groups: Groups = {};
  const targets = components.flatMap((component) => component.targets.map(({ name }) => name));
  for (const { name, hasVariants, targets: own } of components) {
    if (hasVariants) groups[name] = own.map((target) => target.name);
  }
  for (const app of new Set(components.flatMap((component) => component.app ?? []))) {
    // a component of the same name is what is meant
    if (Object.hasOwn(groups, app) || targets.includes(app)) continue;
    groups[app] = components.filter((one) => one.app === app).map(({ name }) => name);
  }
  const own = Object.entries(file.groups ?? {});
  for (const [name] of own) {
    if (!Object.hasOwn(groups, name) && !targets.includes(name)) continue;
    throw yaml.fault(['groups', name], {
      message: `${name} is already the name of a target or group`,
      at: 'key',
    });
  }
  const names = [...targets, ...Object.keys(groups), ...own.map(([name]) => name)];
  const check = (key: 'groups' | 'default', value: readonly string[], path: (string | number)[]) => {
    for (const entry of listEntries(yaml, { value, path })) {
      if (names.includes(entry.value)) continue;
      const meant = suggest(entry.value, names);
      throw yaml.fault(entry.path, {
        message: `${key}: there is no target or group ${JSON.stringify(entry.value)}`,
        hint: meant === undefined ? `There are ${names.slice(0, 12).join(', ')}.` : `Did you mean ${meant}?`,
      });
    }
    return value;
  };
  for (const [name, members] of own) groups[name] = check('groups', members, ['groups', name]);
  const defaults =
    file.default === undefined
      ? components.map(({ name }) => name)
      : check('default', file.default, ['default']);
  return { groups, defaults };
}
