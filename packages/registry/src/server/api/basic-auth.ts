import type { IncomingMessage } from 'node:http';

/** HTTP Basic (RFC 7617). One right for all: who is known may pull, push and delete everywhere. */
export interface BasicAuth {
  readonly realm: string;
  check(user: string, password: string): boolean | Promise<boolean>;
}

const longestHeader = 4096;

export async function isAllowed(auth: BasicAuth, request: IncomingMessage): Promise<boolean> {
  const header = request.headers.authorization ?? '';
  const match = header.length <= longestHeader && /^basic +([a-z0-9+/_-]+=*)$/i.exec(header);
  if (!match) return false;
  const text = Buffer.from(match[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon >= 0 && (await auth.check(text.slice(0, colon), text.slice(colon + 1)));
}
