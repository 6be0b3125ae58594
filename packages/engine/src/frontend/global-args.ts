import { type Dockerfile, expandInstruction } from '@onebuild/dockerfile';
import type { Platform } from '@onebuild/oci';
import { platformArgs } from './platform-args.ts';

/** The arguments before the first FROM and those from outside. */
export interface GlobalArgs {
  /** `--build-arg` */
  readonly given: ReadonlyMap<string, string>;
  /** What FROM lines see: platform arguments, then ARGs before the first FROM. */
  readonly scope: ReadonlyMap<string, string>;
}

export function evaluateGlobalArgs(
  dockerfile: Dockerfile,
  options: {
    readonly given: ReadonlyMap<string, string>;
    readonly buildPlatform: Platform;
    readonly targetPlatform: Platform;
    readonly target: string | undefined;
    /** Seconds: what an `ARG SOURCE_DATE_EPOCH` gets that has no default and no value from outside. */
    readonly sourceDateEpoch: number;
  },
): GlobalArgs {
  const { given, buildPlatform, targetPlatform } = options;
  const automatic = platformArgs(buildPlatform, targetPlatform, options.target ?? 'default');
  const scope = new Map(Object.entries(automatic));
  scope.set('SOURCE_DATE_EPOCH', String(options.sourceDateEpoch));
  for (const [name, value] of given) if (scope.has(name)) scope.set(name, value);
  for (const meta of dockerfile.metaArgs) {
    const { instruction } = expandInstruction(meta, scope, {
      ...dockerfile,
      argValue: (arg) => given.get(arg.name),
    });
    for (const { name, value } of instruction.args) {
      const found = given.get(name) ?? value;
      if (found !== undefined) scope.set(name, found);
    }
  }
  return { given, scope };
}
