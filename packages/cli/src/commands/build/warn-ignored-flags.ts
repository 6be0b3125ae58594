import { fault } from '@onebuild/core';
import { Option } from 'commander';
import type { BuildFlags } from './build-flags.ts';
import { ignoredFlags } from './ignored-flags.ts';

/**
 * Says which of the given flags do nothing here.
 * @throws USAGE for those that would change what the build does
 */
export function warnIgnoredFlags(flags: BuildFlags, warn: (message: string) => void): void {
  if (flags.ulimit.length > 0) {
    throw fault('USAGE', '--ulimit is not supported', {
      hint: 'RUN has the limits of this process: set them with `ulimit` in the shell that starts OneBuild.',
    });
  }
  for (const [name, value] of [
    ['--provenance', flags.provenance],
    ['--sbom', flags.sbom],
    ...flags.attest.map((spec) => ['--attest', spec] as const),
  ] as const) {
    if (value !== undefined && !asksForNothing(value))
      warn(`${name} has no effect: attestations are not made`);
  }
  if (flags.builder !== undefined) warn('--builder has no effect: there is one builder');
  for (const option of ignoredFlags.map((text) => new Option(text))) {
    const given = (flags as unknown as Readonly<Record<string, unknown>>)[option.attributeName()];
    if (given !== undefined && given !== false) warn(`${option.long} has no effect`);
  }
}

/** `false`, or `type=provenance,disabled=true` */
function asksForNothing(value: string): boolean {
  return /^(false|0|f)$/i.test(value) || /(^|,)disabled=(true|1)(,|$)/.test(value);
}
