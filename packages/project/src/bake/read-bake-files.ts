import { readComposeFile } from '../compose/read-compose-file.ts';
import type { Project } from '../model.ts';
import type { TextFile } from '../text-file.ts';
import type { BakeDefinition, BakeGroup, BakeTarget } from './bake-target.ts';
import type { BakeFacts } from './global-scope.ts';
import { parseHcl } from './hcl/parse-hcl.ts';
import { parseJsonBody } from './hcl/parse-json-body.ts';
import { parseOverride } from './overrides.ts';
import { type PrintedBake, printBake } from './print-bake.ts';
import { readBlocks } from './read-blocks.ts';
import { mergeDefinitions, resolveTargets } from './resolve-bake.ts';
import { toTarget, type Unsupported } from './to-target.ts';

export type { BakeFacts };

export interface ReadBakeOptions {
  readonly facts: BakeFacts;
  /** As `--set` takes them. */
  readonly overrides?: readonly string[];
  /** Text of the `.env` file, for compose files. */
  readonly envFile?: TextFile;
  /** Profiles of compose files; undefined: all services, as bake does. */
  readonly profiles?: readonly string[];
}

export interface BakeProject {
  readonly project: Project;
  /** What the files say and has no effect. */
  readonly unsupported: readonly Unsupported[];
  /** As `docker buildx bake --print` shows the names; none: the default. */
  print(names?: readonly string[]): PrintedBake;
}

/**
 * Reads bake files (HCL, JSON) and compose files, told apart by their names, in the order in which later ones win over earlier ones.
 * @throws PROJECT_PARSE, PROJECT_INVALID, PROJECT_EXPANSION, TARGET_NOT_FOUND, USAGE
 */
export function readBakeFiles(files: readonly TextFile[], options: ReadBakeOptions): BakeProject {
  const { facts } = options;
  const isCompose = ({ name }: TextFile): boolean => /\.ya?ml$/i.test(name);
  const composed = files
    .filter(isCompose)
    .map((file) => readComposeFile(file, { ...options, env: facts.env }));
  const bodies = files
    .filter((file) => !isCompose(file))
    .map((file) => (/\.json$/i.test(file.name) ? parseJsonBody(file) : parseHcl(file)));
  const definition = mergeDefinitions([
    mergeCompose(composed.map((one) => one.definition)),
    ...(bodies.length > 0 ? [readBlocks(bodies, facts)] : []),
  ]);
  const overrides = (options.overrides ?? []).flatMap((text) => parseOverride(text, facts.env) ?? []);
  const targets = resolveTargets(definition, overrides);
  return {
    ...toProject(targets, definition.groups, files),
    unsupported: [
      ...composed.flatMap((one) => one.unsupported),
      ...targets.flatMap((target) => toTarget(target).unsupported),
    ],
    print: (names) => printBake({ targets, groups: definition.groups }, names),
  };
}

/** Groups of several compose files are one: the services of all of them. */
function mergeCompose(definitions: readonly BakeDefinition[]): BakeDefinition {
  const names = definitions.flatMap(({ groups }) => groups.flatMap(({ targets }) => targets));
  const { targets } = mergeDefinitions(definitions);
  return { targets, groups: names.length === 0 ? [] : [{ name: 'default', targets: [...new Set(names)] }] };
}

function toProject(
  targets: readonly BakeTarget[],
  groups: readonly BakeGroup[],
  files: readonly TextFile[],
): { readonly project: Project } {
  const hasDefault = [...targets, ...groups].some(({ name }) => name === 'default');
  return {
    project: {
      targets: targets.map((target) => toTarget(target).target),
      groups: Object.fromEntries(groups.map(({ name, targets: members }) => [name, members])),
      defaults: hasDefault ? ['default'] : [],
      files: files.map(({ name }) => name),
      registries: [],
    },
  };
}
