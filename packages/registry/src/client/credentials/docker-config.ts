import { readFile } from 'node:fs/promises';
import { fault } from '@onebuild/core';
import * as v from 'valibot';

/** An entry below `auths`; all fields may be missing where a helper keeps the secret. */
const Auth = v.looseObject({
  auth: v.nullish(v.string()),
  username: v.nullish(v.string()),
  password: v.nullish(v.string()),
  identitytoken: v.nullish(v.string()),
  registrytoken: v.nullish(v.string()),
});

/** Docker's `config.json` and containers' `auth.json`, as far as credentials go; the rest is kept as it is. */
export const DockerConfig = v.looseObject({
  auths: v.nullish(v.record(v.string(), v.nullish(Auth))),
  credsStore: v.nullish(v.string()),
  credHelpers: v.nullish(v.record(v.string(), v.string())),
});
export type DockerConfig = v.InferOutput<typeof DockerConfig>;
export type DockerAuth = v.InferOutput<typeof Auth>;

const empty: DockerConfig = {};

/** @throws DOCKER_CONFIG_INVALID; a file that isn't there is an empty one */
export async function readDockerConfig(path: string): Promise<DockerConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return empty;
    throw fault('DOCKER_CONFIG_INVALID', `cannot read ${path}`, { cause });
  }
  if (text.trim() === '') return empty;
  // what JSON.parse says quotes the text, which has passwords in it
  const json = parseJson(text, path);
  const config = v.safeParse(DockerConfig, json);
  if (config.success && !Array.isArray(json)) return config.output;
  const where = (config.issues && v.getDotPath(config.issues[0])) ?? 'the file';
  throw fault('DOCKER_CONFIG_INVALID', `${path}: ${where} has not the form that Docker writes`);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault('DOCKER_CONFIG_INVALID', `${path} is not JSON`);
  }
}
