import type { VerifiedCache } from '@onebuild/engine';
import { formatBytes, formatCount } from '../../display/format-amounts.ts';
import { entryCount, shownName } from './render-cache.ts';

export function renderVerified(
  verified: VerifiedCache,
  { hasKeys, fix }: { readonly hasKeys: boolean; readonly fix: boolean },
): string[] {
  const { name, entries, blobs, bytes, damaged, removed, signed, unsigned, otherwiseSigned } = verified;
  const signatures = hasKeys
    ? `${signed} signed with these keys, ${otherwiseSigned} signed otherwise, ${unsigned} not signed`
    : `${signed} signed, ${unsigned} not signed`;
  return [
    ...damaged.map(
      ({ what, id, digest, why }) => `damaged: ${what} ${shownName(id)}, blob ${digest}: ${shownName(why)}`,
    ),
    `${entryCount(entries)}: ${signatures}`,
    `${formatCount(blobs, 'blob')} checked (${formatBytes(bytes)}), ${damaged.length} damaged in ${shownName(name)}`,
    ...(damaged.length > 0 && fix ? [`${entryCount(removed)} removed`] : []),
    ...(damaged.length > 0 && !fix
      ? ['Remove what needs them with --fix; the next build writes it again.']
      : []),
  ];
}
