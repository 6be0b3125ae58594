import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { fault } from '@onebuild/core';
import type { BasicAuth } from '../api/basic-auth.ts';
import { keyedQueue } from '../store/keyed-queue.ts';

interface StoredPassword {
  readonly salt: Buffer;
  readonly hash: Buffer;
  readonly logCost: number;
}

const logCost = 14;
const blockSize = 8;
const hashBytes = 32;
/** Requests come in bursts with the same password; each need not cost a hash again. */
const rememberMs = 10 * 60 * 1000;
const mostRemembered = 1000;

/** One line of a password file: `user:$scrypt$ln=14,r=8,p=1$SALT$HASH`, salt and hash in base64 (RFC 7914, PHC string format). */
export async function formatPasswordLine(user: string, password: string): Promise<string> {
  if (!isUserName(user))
    throw fault('USAGE', 'a user name has no colon, no control characters and is not empty');
  const salt = randomBytes(16);
  const hash = await derive(password, salt, logCost);
  return `${user}:$scrypt$ln=${logCost},r=${blockSize},p=1$${encode(salt)}$${encode(hash)}`;
}

/**
 * Reads lines of {@link formatPasswordLine}; empty lines and lines that start with `#` don't count. The bcrypt lines
 * of Apache's htpasswd are not understood.
 *
 * @throws USAGE with the number of the first wrong line
 */
export function parsePasswordFile(text: string, realm = 'OneBuild registry'): BasicAuth {
  const users = new Map<string, StoredPassword>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [user, stored] = parseLine(line, index + 1);
    users.set(user, stored);
  }
  return checkAgainst(users, realm);
}

function parseLine(line: string, number: number): [string, StoredPassword] {
  const match =
    /^([^:]{1,255}):\$scrypt\$ln=(\d{1,2}),r=8,p=1\$([A-Za-z0-9+/=]{8,88})\$([A-Za-z0-9+/=]{43,44})$/.exec(
      line.trim(),
    );
  const [, user = '', cost = '0', salt = '', hash = ''] = match ?? [];
  if (!match || !isUserName(user) || Number(cost) < 10 || Number(cost) > 18) {
    throw fault('USAGE', `line ${number} of the password file is not valid`, {
      hint: 'Lines are user:$scrypt$ln=14,r=8,p=1$SALT$HASH; the bcrypt lines of htpasswd are not understood.',
    });
  }
  return [
    user,
    { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64'), logCost: Number(cost) },
  ];
}

/** Unknown users cost the same time as known ones. Hashes are computed one at a time, so guessing can't take the machine. */
function checkAgainst(users: ReadonlyMap<string, StoredPassword>, realm: string): BasicAuth {
  const nobody: StoredPassword = { salt: randomBytes(16), hash: randomBytes(hashBytes), logCost };
  const key = randomBytes(32);
  const remembered = new Map<string, number>();
  const queue = keyedQueue();
  return {
    realm,
    async check(user, password) {
      const mark = createHmac('sha256', key).update(`${user}\0${password}`).digest('base64');
      if ((remembered.get(mark) ?? 0) > Date.now()) return true;
      const stored = users.get(user);
      const { salt, hash, logCost: cost } = stored ?? nobody;
      const given = await queue.run('scrypt', () => derive(password, salt, cost));
      if (!timingSafeEqual(given, hash) || !stored) return false;
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(mark, Date.now() + rememberMs);
      return true;
    },
  };
}

function isUserName(text: string): boolean {
  return text !== '' && text.length <= 255 && !/[:\p{Cc}]/u.test(text);
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  const N = 2 ** cost;
  const options = { N, r: blockSize, p: 1, maxmem: 256 * N * blockSize };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, options, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}
