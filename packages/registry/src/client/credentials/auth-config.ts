import { readFile } from 'node:fs/promises';
import { fault } from '@onebuild/core';
import * as v from 'valibot';
import { DockerAuth, DockerConfig } from './docker-config.ts';

export const loginName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A login for a registry or a part of it, for one purpose or both, by name or not. The secret is in it, or a helper has it. */
const Login = v.looseObject({
  ...DockerAuth.entries,
  /** `host[:port][/prefix]` */
  registry: v.pipe(v.string(), v.nonEmpty()),
  purpose: v.nullish(v.picklist(['pull', 'push'])),
  name: v.nullish(v.pipe(v.string(), v.regex(loginName))),
  /** `docker-credential-HELPER` has the secret. */
  helper: v.nullish(v.string()),
  /** How the helper calls it; default: as Docker calls the registry. */
  server: v.nullish(v.string()),
});
export type Login = v.InferOutput<typeof Login>;

/** Our own `auth.json`: what Docker's config.json says of credentials, and logins that Docker doesn't know. */
export const AuthConfig = v.looseObject({
  ...DockerConfig.entries,
  logins: v.nullish(v.array(Login)),
});
export type AuthConfig = v.InferOutput<typeof AuthConfig>;

/** A text with credentials in it, read anew each time. */
export interface AuthSource {
  /** For messages: the path of a file, `the variable DOCKER_AUTH_CONFIG`. */
  readonly place: string;
  /** Whether `onebuild login` writes there. */
  readonly editable: boolean;
  /** @throws DOCKER_CONFIG_INVALID */
  read(): Promise<AuthConfig>;
}

/** Our own file; one that isn't there is an empty one. */
export function authFile(path: string, { editable } = { editable: true }): AuthSource {
  return { place: path, editable, read: () => readAuthFile(path, AuthConfig) };
}

/** Docker's config.json. */
export function dockerConfigFile(path: string): AuthSource {
  return { place: path, editable: true, read: () => readAuthFile(path, DockerConfig) };
}

/** A text that was handed over. */
export function authText(text: string, place: string): AuthSource {
  const hint = `Correct ${place}.`;
  return { place, editable: false, read: async () => parseAuthText(text, AuthConfig, { place, hint }) };
}

/** @throws DOCKER_CONFIG_INVALID; a file that isn't there is an empty one */
export async function readAuthFile<S extends typeof AuthConfig | typeof DockerConfig>(
  path: string,
  schema: S,
): Promise<v.InferOutput<S>> {
  let text = '';
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    // a home such as /dev/null is common in containers
    if (!['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? ''))
      throw fault('DOCKER_CONFIG_INVALID', `cannot read ${path}`, { cause });
  }
  return parseAuthText(text, schema, { place: path });
}

function parseAuthText<S extends typeof AuthConfig | typeof DockerConfig>(
  text: string,
  schema: S,
  { place, ...options }: { readonly place: string; readonly hint?: string },
): v.InferOutput<S> {
  const broken = (what: string) => fault('DOCKER_CONFIG_INVALID', `${place}${what}`, options);
  // what JSON.parse says quotes the text, which has passwords in it
  const json = text.trim() === '' ? {} : parseJson(text);
  if (json === undefined) throw broken(' is not JSON');
  const config = v.safeParse(schema, json);
  if (config.success && !Array.isArray(json)) return config.output;
  const where = (config.issues && v.getDotPath(config.issues[0])) ?? 'the text';
  const form = where.startsWith('logins') ? 'docs/guide/registries.md shows' : 'Docker writes';
  throw broken(`: ${where} has not the form that ${form}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
