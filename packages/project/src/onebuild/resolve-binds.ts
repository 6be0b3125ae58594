import { suggest } from '@onebuild/core';
import type { TargetRef } from '../model.ts';
import type { YamlPath, YamlText } from '../yaml/read-yaml.ts';
import type { Expander } from './expander.ts';
import { gather } from './layers.ts';
import type { ComponentDraft } from './list-drafts.ts';
import type { TargetDraft } from './resolve-target.ts';

/**
 * What `bind:` of a target says. A binding that the component gives to all its variants does not hold for the variant that it names.
 * @throws PROJECT_INVALID for variants that are not there
 */
export function resolveBinds(
  yaml: YamlText,
  draft: TargetDraft,
  options: { readonly components: readonly ComponentDraft[]; readonly expander: Expander },
): Readonly<Record<string, TargetRef>> {
  const binds: [string, TargetRef][] = [];
  for (const [name, { value, path }] of gather(draft.layers, 'bind')) {
    const text = options.expander.text({ value: value ?? '', path });
    const ref = findTarget(yaml, text, { path, draft, components: options.components });
    const isOwn = path.length > draft.path.length + 1 && startsWith(path, draft.path);
    if (ref.target !== draft.name || ref.stage !== undefined) binds.push([name, ref]);
    else if (isOwn || draft.variant === undefined) {
      throw yaml.fault(path, {
        message: `${draft.name} is bound to itself`,
        hint: 'Name another variant, or a stage of this one: variant/stage.',
      });
    }
  }
  return Object.fromEntries(binds);
}

interface Search {
  readonly path: YamlPath;
  readonly draft: TargetDraft;
  readonly components: readonly ComponentDraft[];
}

/** `variant`, `component`, `component.variant`, `app/component.variant`, each with `/stage` behind it or not. */
function findTarget(yaml: YamlText, text: string, search: Search): TargetRef {
  const whole = matchTarget(text, search);
  if (whole !== undefined) return { target: whole };
  const slash = text.lastIndexOf('/');
  const before = slash <= 0 ? undefined : matchTarget(text.slice(0, slash), search);
  if (before !== undefined && slash < text.length - 1)
    return { target: before, stage: text.slice(slash + 1) };
  throw yaml.fault(search.path, explain(text, search));
}

function matchTarget(text: string, { draft, components }: Search): string | undefined {
  const names = new Set(components.flatMap(({ targets }) => targets.map(({ name }) => name)));
  const own = componentName(draft);
  const prefix = own.slice(0, own.length - draft.component.length);
  return [`${own}.${text}`, `${prefix}${text}`, text].find((name) => names.has(name));
}

function componentName({ name, variant }: TargetDraft): string {
  return variant === undefined ? name : name.slice(0, name.length - variant.length - 1);
}

function explain(text: string, { draft, components }: Search): { message: string; hint: string } {
  const component = components.find(({ name }) => name === text);
  const message = `there is no variant or component ${JSON.stringify(text)}`;
  if (component?.hasVariants) {
    const names = component.targets.map(({ name }) => name).join(', ');
    return { message: `${text} has several variants`, hint: `Name one: ${names}.` };
  }
  const own = components.find(({ name }) => name === componentName(draft));
  const names = [
    ...(own?.targets ?? []).flatMap(({ variant }) => variant ?? []),
    ...components.flatMap(({ targets }) => targets.map(({ name }) => name)),
  ];
  const meant = suggest(text, names);
  return meant === undefined
    ? { message, hint: `There are ${names.slice(0, 12).join(', ')}.` }
    : { message: `${message}, did you mean ${meant}?`, hint: `Write ${meant}.` };
}

function startsWith(path: YamlPath, start: YamlPath): boolean {
  return start.every((step, index) => path[index] === step);
}
