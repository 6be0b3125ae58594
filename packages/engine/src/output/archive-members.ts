import { fault } from '@onebuild/core';
import { comparePaths, type LayoutFile, tarHeader, tarPadding, tarTrailer } from '@onebuild/oci';

/** A deterministic tar archive: folders first, names bytewise, one time and owner. */
export async function* tarOfMembers(members: readonly LayoutFile[]): AsyncGenerator<Uint8Array> {
  const plain = { uid: 0, gid: 0, mtime: 0 } as const;
  for (const path of foldersOf(members)) {
    yield tarHeader({ ...plain, path, type: 'dir', mode: 0o755, size: 0 });
  }
  for (const member of [...members].sort((one, other) => comparePaths(one.path, other.path))) {
    yield tarHeader({ ...plain, path: member.path, type: 'file', mode: 0o644, size: member.size });
    yield* exactBytes(member);
    yield new Uint8Array(tarPadding(member.size));
  }
  yield tarTrailer;
}

/** The member's bytes. @throws DIGEST_MISMATCH when there are more or fewer than it says */
export async function* exactBytes(member: LayoutFile): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of member.open()) {
    size += chunk.length;
    if (size > member.size) break;
    yield chunk;
  }
  if (size !== member.size) {
    throw fault('DIGEST_MISMATCH', `${member.path} has ${size} bytes or more instead of ${member.size}`);
  }
}

function foldersOf(members: readonly LayoutFile[]): readonly string[] {
  const folders = new Set<string>();
  for (const { path } of members) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at));
  }
  return [...folders].sort(comparePaths);
}
