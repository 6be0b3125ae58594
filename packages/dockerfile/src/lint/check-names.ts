import type { Dockerfile } from '../dockerfile.ts';
import type { FromInstruction, InstructionBase } from '../instructions/instruction.ts';
import type { Report } from './lint-dockerfile.ts';

const reserved = new Set(['context', 'scratch']);

/** Checks of keywords, names of stages and descriptions: everything that needs no values. */
export function checkNames(dockerfile: Dockerfile, report: Report): void {
  const names = new Set<string>();
  for (const { from, name } of dockerfile.stages) {
    checkFrom(from, report);
    if (name === undefined) continue;
    if (reserved.has(name)) report('ReservedStageName', `The stage name '${name}' is a reserved word`, from);
    if (names.has(name)) report('DuplicateStageName', `There is an earlier stage named '${name}'`, from);
    names.add(name);
    checkDescription([name], from, report);
  }
  for (const { instructions } of dockerfile.stages) {
    for (const instruction of instructions) {
      if (instruction.kind === 'MAINTAINER')
        report('MaintainerDeprecated', 'MAINTAINER is deprecated, use a label', instruction);
      if (instruction.kind === 'ARG')
        checkDescription(
          instruction.args.map((arg) => arg.name),
          instruction,
          report,
        );
    }
  }
  for (const arg of dockerfile.metaArgs)
    checkDescription(
      arg.args.map(({ name }) => name),
      arg,
      report,
    );
  checkCasing(dockerfile, report);
}

function checkFrom(from: FromInstruction, report: Report): void {
  const { keyword, as, writtenName } = from;
  if (writtenName !== undefined && writtenName !== writtenName.toLowerCase()) {
    report('StageNameCasing', `The stage name '${writtenName}' should be lower case`, from);
  }
  const lower = keyword === keyword.toLowerCase();
  if (as === undefined || (!lower && keyword !== keyword.toUpperCase())) return;
  if (as !== (lower ? as.toLowerCase() : as.toUpperCase())) {
    report('FromAsCasing', `'${as}' and '${keyword}' have different case`, from);
  }
}

function checkDescription(names: readonly string[], instruction: InstructionBase, report: Report): void {
  const last = instruction.comments.at(-1);
  if (last === undefined || names.includes(last.split(' ', 1)[0] ?? '')) return;
  report(
    'InvalidDefinitionDescription',
    `The comment should have the form '# ${names[0] ?? ''} description'`,
    instruction,
  );
}

function checkCasing(dockerfile: Dockerfile, report: Report): void {
  const isLower = prefersLowerCase(dockerfile);
  for (const instruction of keywordsOf(dockerfile)) {
    const { keyword } = instruction;
    if (keyword === (isLower ? keyword.toLowerCase() : keyword.toUpperCase())) continue;
    const wanted = isLower ? 'lower case' : 'upper case';
    report(
      'ConsistentInstructionCasing',
      `'${keyword}' should be ${wanted} like most instructions here`,
      instruction,
    );
  }
}

const preferences = new WeakMap<Dockerfile, boolean>();

/** The case of the majority counts; where both are as frequent, upper case. */
export function prefersLowerCase(dockerfile: Dockerfile): boolean {
  const known = preferences.get(dockerfile);
  if (known !== undefined) return known;
  const all = keywordsOf(dockerfile);
  const lower = all.filter(({ keyword }) => keyword === keyword.toLowerCase()).length;
  const isLower = lower > all.filter(({ keyword }) => keyword === keyword.toUpperCase()).length;
  preferences.set(dockerfile, isLower);
  return isLower;
}

function keywordsOf({ stages }: Dockerfile): readonly InstructionBase[] {
  return stages.flatMap(({ from, instructions }) => [from, ...instructions]);
}
