import { fault } from '@onebuild/core';
import { type LoginKey, loginName, normalizeRegistryKey, type Purpose } from '@onebuild/registry/client';

/**
 * What a login is for. The registry as people write it: `host`, `https://host/`, `host:port/team`, Docker Hub's old address.
 * @throws USAGE
 */
export function parseLoginKey(
  text: string,
  { purpose, name }: { readonly purpose?: Purpose; readonly name?: string },
): LoginKey {
  const registry = normalizeRegistryKey(text);
  const [host = '', ...path] = registry.split('/');
  if (!/^[\w.:[\]-]+$/.test(host) || !path.every((part) => /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(part))) {
    throw fault('USAGE', `${JSON.stringify(text)} is neither a registry nor a part of one`, {
      hint: 'Write it as HOST or HOST:PORT; for a part of it, HOST/TEAM.',
    });
  }
  if (name !== undefined && !loginName.test(name)) {
    throw fault('USAGE', `${JSON.stringify(name)} cannot be the name of a login`, {
      hint: 'Use letters, digits, `.`, `_` and `-`, at most 64.',
    });
  }
  return { registry, ...(purpose && { purpose }), ...(name !== undefined && { name }) };
}
