import { registerSecret } from '@onebuild/core';

/** RFC 7617, UTF-8. The encoded form is as secret as the password. */
export function basicHeader(username: string, password: string): string {
  const encoded = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
  registerSecret(password);
  registerSecret(encoded);
  return `Basic ${encoded}`;
}
