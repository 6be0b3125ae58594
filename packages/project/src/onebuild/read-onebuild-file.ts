import { fault } from '@onebuild/core';
import { checkBinds } from '../check-binds.ts';
import type { Facts } from '../interpolate/facts.ts';
import { createScope } from '../interpolate/scope.ts';
import type { Project, Target } from '../model.ts';
import type { TextFile } from '../text-file.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import { checkStructure } from './check-structure.ts';
import { createExpander } from './expander.ts';
import { listDrafts } from './list-drafts.ts';
import { readRegistries } from './registries.ts';
import { resolveBinds } from './resolve-binds.ts';
import { resolveGroups } from './resolve-groups.ts';
import { resolveTarget } from './resolve-target.ts';

/**
 * Reads an `onebuild.yaml`. Every fault has the place in the file.
 * @throws PROJECT_PARSE, PROJECT_INVALID, PROJECT_EXPANSION, REFERENCE_INVALID, PLATFORM_INVALID
 */
export function readOnebuildFile(file: TextFile, facts: Facts): Project {
  const yaml = readYaml(file, { numbersAsText: true });
  const sections = checkStructure(yaml);
  const outside = createExpander(yaml, createScope({ facts, values: {} }));
  const registries = readRegistries(yaml, sections.registries, outside);
  const components = listDrafts(yaml, sections, outside);
  const targets = components.flatMap((group) => {
    let image: string | undefined;
    return group.targets.map((draft) => {
      const target = resolveTarget(draft, { yaml, facts, registries, image });
      image ??= target.tags[0];
      const { app, component, variant, version, args } = target;
      const scope = createScope({ facts, values: { app, component, variant, version }, args });
      const expander = createExpander(yaml, scope);
      return { ...target, binds: resolveBinds(yaml, draft, { components, expander }) };
    });
  });
  checkTags(targets);
  checkBinds(targets);
  return {
    targets,
    ...resolveGroups(yaml, sections, components),
    files: [file.name],
    registries,
  };
}

/** Two targets with one image name would replace each other. */
function checkTags(targets: readonly Target[]): void {
  const owners = new Map<string, string>();
  for (const { name, tags, location } of targets) {
    for (const tag of tags) {
      const other = owners.get(tag);
      if (other !== undefined) {
        throw fault('PROJECT_INVALID', `${other} and ${name} would both be ${tag}`, {
          hint: 'Make the names differ, for example with ${variant} in `images:`.',
          location,
        });
      }
      owners.set(tag, name);
    }
  }
}
