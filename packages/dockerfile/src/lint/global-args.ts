import { isFault } from '@onebuild/core';
import type { Dockerfile } from '../dockerfile.ts';
import { expandInstruction } from '../instructions/expand-instruction.ts';

/** What BuildKit sets without being asked, with values of the right form. */
const predefined: readonly (readonly [string, string])[] = [
  ...['BUILD', 'TARGET'].flatMap((side): [string, string][] => [
    [`${side}PLATFORM`, 'linux/amd64'],
    [`${side}OS`, 'linux'],
    [`${side}OSVERSION`, ''],
    [`${side}ARCH`, 'amd64'],
    [`${side}VARIANT`, ''],
  ]),
  ['TARGETSTAGE', 'default'],
];

/** The values that FROM sees; undefined where a default cannot be expanded. */
export function collectGlobalArgs(
  dockerfile: Dockerfile,
  buildArgs: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> | undefined {
  const values = new Map(predefined);
  const argValue = ({ name }: { readonly name: string }) =>
    Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
  for (const instruction of dockerfile.metaArgs) {
    try {
      const { args } = expandInstruction(instruction, values, {
        escape: dockerfile.escape,
        argValue,
      }).instruction;
      for (const { name, value } of args) if (value !== undefined) values.set(name, value);
    } catch (error) {
      if (isFault(error)) return undefined;
      throw error;
    }
  }
  return values;
}
