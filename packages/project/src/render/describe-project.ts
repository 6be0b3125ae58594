import { stringify } from 'yaml';
import type { Project, Target } from '../model.ts';
import type { Selection } from '../select-targets.ts';

type Described = Readonly<Record<string, unknown>>;

/** The resolved project as plain data, without what is empty: the targets that were selected, and what they need. */
export function describeProject(project: Project, { targets, needed }: Selection): Described {
  const shown = new Set([...targets, ...needed]);
  return withoutEmpty({
    files: project.files,
    default: project.defaults,
    groups: project.groups,
    registries: Object.fromEntries(project.registries.map(({ name, ...rest }) => [name, withoutEmpty(rest)])),
    targets: Object.fromEntries(
      project.targets
        .filter((target) => shown.has(target))
        .map((target) => [target.name, describeTarget(target)]),
    ),
  });
}

/** The same as YAML text. */
export function renderYaml(described: Described): string {
  return stringify(described, { lineWidth: 0 });
}

/** Without its name: that is its key. */
function describeTarget({ location, ...settings }: Target): Described {
  return withoutEmpty({ ...settings, name: undefined, writtenAt: `${location.file}:${location.line}` });
}

function withoutEmpty(value: object): Described {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => !isEmpty(field)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === false) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
