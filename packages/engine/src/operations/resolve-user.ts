import { fault } from '@onebuild/core';
import type { FileTree } from '../tree/file-tree.ts';
import { readText } from '../tree/read-content.ts';
import type { Owner } from '../tree/tree-editor.ts';

/** Who a RUN runs as. */
export interface RunUser extends Owner {
  /** The group itself first, as container runtimes have it. */
  readonly additionalGids: readonly number[];
  readonly home: string;
}

interface PasswdLine {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupLine {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const highest = 2 ** 32 - 2;

/** A user or group number: decimal digits in range. */
function asNumber(text: string): number | undefined {
  if (!/^\+?\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= highest ? value : undefined;
}

/** `root` is 0, whatever the image says. */
function ownerNumber(text: string): number | undefined {
  return text === 'root' ? 0 : asNumber(text);
}

async function passwd(tree: FileTree): Promise<readonly PasswdLine[]> {
  const text = (await readText(tree, 'etc/passwd')) ?? '';
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = '', , home = ''] = line.trim().split(':');
    const ids = [asNumber(uid), asNumber(gid)] as const;
    return name === '' || ids[0] === undefined || ids[1] === undefined
      ? []
      : [{ name, uid: ids[0], gid: ids[1], home }];
  });
}

async function groups(tree: FileTree): Promise<readonly GroupLine[]> {
  const text = (await readText(tree, 'etc/group')) ?? '';
  return text.split('\n').flatMap((line) => {
    const [name = '', , gid = '', members = ''] = line.trim().split(':');
    const id = asNumber(gid);
    return name === '' || id === undefined ? [] : [{ name, gid: id, members: members.split(',') }];
  });
}

/**
 * The user of `USER name[:group]` in an image, as container runtimes read it: names from /etc/passwd and /etc/group, a number
 * need not be there, further groups only when no group was named. HOME is that of the number's first line.
 * @throws STEP_USER_NOT_FOUND
 */
export async function resolveRunUser(tree: FileTree, user: string): Promise<RunUser> {
  const [wantedUser = '', wantedGroup] = user.split(':', 2);
  const name = wantedUser === '' ? '0' : wantedUser;
  const users = await passwd(tree);
  const number = asNumber(name);
  const known =
    users.find((line) => line.name === name) ??
    users.find((line) => number !== undefined && line.uid === number);
  if (known === undefined && number === undefined) {
    throw fault('STEP_USER_NOT_FOUND', `the image has no user ${JSON.stringify(name)}`);
  }
  const allGroups = await groups(tree);
  let gid = known?.gid ?? 0;
  if (wantedGroup !== undefined && wantedGroup !== '') {
    const group = allGroups.find((line) => line.name === wantedGroup)?.gid ?? asNumber(wantedGroup);
    if (group === undefined)
      throw fault('STEP_USER_NOT_FOUND', `the image has no group ${JSON.stringify(wantedGroup)}`);
    gid = group;
  }
  const further =
    known === undefined || (wantedGroup !== undefined && wantedGroup !== '')
      ? []
      : allGroups.filter((line) => line.members.includes(known.name)).map((line) => line.gid);
  const uid = known?.uid ?? number ?? 0;
  const home = users.find((line) => line.uid === uid)?.home || '/';
  return { uid, gid, additionalGids: [...new Set([gid, ...further])], home };
}

/**
 * Owner for `--chown=user[:group]`: a number alone is user and group; a name's group is the user's own, but root where a colon ends the
 * text (`user:`). Unknown names become root or the user's own group, as BuildKit has it; `unknown` lists them so that somebody can be told.
 */
export async function resolveOwner(
  tree: FileTree,
  user: string,
  group: string | undefined,
): Promise<Owner & { readonly unknown: readonly string[] }> {
  const unknown: string[] = [];
  let uid = 0;
  let gid = 0;
  const userNumber = ownerNumber(user);
  if (userNumber !== undefined) {
    uid = userNumber;
    gid = userNumber;
  } else if (user !== '') {
    const known = (await passwd(tree)).find((line) => line.name === user);
    if (known === undefined) unknown.push(user);
    else ({ uid, gid } = known);
  }
  if (group === '') {
    gid = 0;
  } else if (group !== undefined) {
    const number = ownerNumber(group);
    const known = number ?? (await groups(tree)).find((line) => line.name === group)?.gid;
    if (known === undefined) unknown.push(group);
    else gid = known;
  }
  return { uid, gid, unknown };
}
