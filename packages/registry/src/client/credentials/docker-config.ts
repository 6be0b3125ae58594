import * as v from 'valibot';

/** An entry below `auths`; all fields may be missing where a helper keeps the secret. */
export const DockerAuth = v.looseObject({
  auth: v.nullish(v.string()),
  username: v.nullish(v.string()),
  password: v.nullish(v.string()),
  identitytoken: v.nullish(v.string()),
  registrytoken: v.nullish(v.string()),
});
export type DockerAuth = v.InferOutput<typeof DockerAuth>;

/** Docker's `config.json` and containers' `auth.json`, as far as credentials go; the rest is kept as it is. */
export const DockerConfig = v.looseObject({
  auths: v.nullish(v.record(v.string(), v.nullish(DockerAuth))),
  credsStore: v.nullish(v.string()),
  credHelpers: v.nullish(v.record(v.string(), v.string())),
});
export type DockerConfig = v.InferOutput<typeof DockerConfig>;
