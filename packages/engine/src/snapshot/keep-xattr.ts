import type { NativePath } from '../posix/native-path.ts';
import type { Posix } from '../posix/posix.ts';

/** Which extended attributes are part of a layer. */
export type KeepXattr = (name: string) => boolean;

/** File capabilities only, as Docker keeps them: others depend on the machine. */
export const keepCapabilities: KeepXattr = (name) => name === 'security.capability';

/** overlayfs' own: a layer that brought them could hide or redirect what is below it. */
const overlayOwn = /^(?:trusted|user)\.overlay\./;

/** `keep` without the names that no layer may have. */
export function withoutOverlayOwn(keep: KeepXattr): KeepXattr {
  return (name) => !overlayOwn.test(name) && keep(name);
}

/** Kept attributes in the form of `LayerEntry.xattrs`; undefined where there are none. */
export function readXattrs(
  posix: Posix,
  path: NativePath,
  keep: KeepXattr,
): Readonly<Record<string, string>> | undefined {
  const kept = posix.listXattrs(path).filter(keep).sort();
  if (kept.length === 0) return undefined;
  return Object.fromEntries(kept.map((name) => [name, posix.getXattr(path, name)?.toString('base64') ?? '']));
}
