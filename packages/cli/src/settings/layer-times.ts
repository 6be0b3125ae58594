import { fault } from '@onebuild/core';
import type { LayerTimes } from '@onebuild/engine';

/**
 * The times of what a build makes: `--timestamp`, else SOURCE_DATE_EPOCH (of the build arguments, then of the
 * environment; https://reproducible-builds.org/specs/source-date-epoch), else `auto`.
 * @throws USAGE
 */
export function chooseLayerTimes(flag: string | undefined, epoch: string | undefined): LayerTimes {
  if (flag === 'auto' || flag === 'commit' || flag === 'preserve') return flag;
  if (flag !== undefined)
    return seconds(flag, '--timestamp', 'Write auto, commit, preserve or seconds since 1970.');
  if (epoch === undefined || epoch === '') return 'auto';
  return seconds(epoch, 'SOURCE_DATE_EPOCH', 'Write seconds since 1970-01-01 UTC.');
}

function seconds(text: string, name: string, hint: string): number {
  if (!/^\d{1,11}$/.test(text))
    throw fault('USAGE', `${name}: ${JSON.stringify(text)} is not a time`, { hint });
  return Number(text);
}
