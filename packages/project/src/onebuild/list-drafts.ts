import type { YamlPath, YamlText } from '../yaml/read-yaml.ts';
import { type Expander } from './expander.ts';
import type { Layer } from './layers.ts';
import type { TargetDraft } from './resolve-target.ts';
import type { AppSection, ComponentSection, ProjectFile } from './schema.ts';

/** A component and the drafts of its variants, or of itself where it has none. */
export interface ComponentDraft {
  /** `helper`; `shop/helper` where the file describes several apps. */
  readonly name: string;
  readonly app: string | undefined;
  readonly hasVariants: boolean;
  readonly targets: readonly TargetDraft[];
}

interface AppDraft {
  readonly app: string | undefined;
  /** What its components' names begin with. */
  readonly prefix: string;
  readonly components: AppSection['components'];
  readonly layers: readonly Layer[];
  readonly path: YamlPath;
}

/** All that the file describes, in its order. */
export function listDrafts(yaml: YamlText, file: ProjectFile, expander: Expander): readonly ComponentDraft[] {
  const drafts = listApps(yaml, file, expander).flatMap(({ app, prefix, components, layers, path }) =>
    Object.entries(components ?? {}).map(([name, component]) => {
      const componentPath = [...path, 'components', name];
      checkName(yaml, componentPath, name);
      const inner = [...layers, { settings: component ?? {}, path: componentPath }];
      return draftComponent(yaml, component ?? {}, {
        name: `${prefix}${name}`,
        app,
        component: name,
        variant: undefined,
        layers: inner,
        path: componentPath,
      });
    }),
  );
  if (drafts.length > 0) return drafts;
  throw yaml.fault([file.apps === undefined ? 'components' : 'apps'], {
    message: `${yaml.file.name} has no components`,
    hint: 'Write `components:` with at least one; `onebuild init` makes a file to start from.',
  });
}

function listApps(yaml: YamlText, file: ProjectFile, expander: Expander): readonly AppDraft[] {
  const { app, apps, components, ...settings } = file;
  const top: Layer = { settings, path: [] };
  if (apps === undefined) {
    const name = app === undefined ? undefined : expander.text({ value: app, path: ['app'] });
    return [{ app: name, prefix: '', components, layers: [top], path: [] }];
  }
  for (const key of ['app', 'components'] as const) {
    if (file[key] !== undefined) {
      throw yaml.fault([key], {
        message: `\`${key}\` and \`apps\` exclude each other`,
        hint: 'Move what is here into one of the apps.',
        at: 'key',
      });
    }
  }
  return Object.entries(apps).map(([name, section]) => {
    const path = ['apps', name];
    checkName(yaml, path, name);
    const { components: inner, ...settings } = section;
    return { app: name, prefix: `${name}/`, components: inner, layers: [top, { settings, path }], path };
  });
}

function draftComponent(yaml: YamlText, section: ComponentSection, draft: TargetDraft): ComponentDraft {
  const { variants } = section;
  const { name, app, path, layers } = draft;
  if (variants === undefined) return { name, app, hasVariants: false, targets: [draft] };
  const targets = Object.entries(variants).map(([variant, settings]) => {
    const variantPath = [...path, 'variants', variant];
    checkName(yaml, variantPath, variant);
    return {
      ...draft,
      name: `${name}.${variant}`,
      variant,
      layers: [...layers, { settings: settings ?? {}, path: variantPath }],
      path: variantPath,
    };
  });
  if (targets.length > 0) return { name, app, hasVariants: true, targets };
  throw yaml.fault([...path, 'variants'], {
    message: `${name} has no variants`,
    hint: 'Leave `variants:` out, or write one.',
  });
}

/** Names end up in the names of images and targets. */
function checkName(yaml: YamlText, path: YamlPath, name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(name)) return;
  throw yaml.fault(path, {
    message: `${JSON.stringify(name)} cannot be a name`,
    hint: 'Use letters, digits, dots, - and _, and begin with a letter or a digit.',
    at: 'key',
  });
}
