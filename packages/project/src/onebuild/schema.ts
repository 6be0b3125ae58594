import * as v from 'valibot';

/** Numbers and booleans are taken as they are written. */
const text = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], 'must be a text'),
  v.transform((value) => String(value)),
);
const flag = v.boolean('must be true or false');
const texts = v.array(text, 'must be a list of texts');
const oneOrMore = v.pipe(
  v.union([text, texts], 'must be a text or a list of texts'),
  v.transform((value) => (typeof value === 'string' ? [value] : value)),
);
const textsByName = v.record(v.string(), text, 'must have texts by name');

function about<const S extends v.GenericSchema>(schema: S, description: string) {
  return v.pipe(v.optional(schema), v.description(description));
}

const cache = v.strictObject(
  {
    from: about(
      oneOrMore,
      'Where results of earlier builds are looked for: `registry`, an image name, a folder (./...), or what --cache-from takes; default: what `to` names.',
    ),
    to: about(
      oneOrMore,
      'Where results are put for later builds: `registry` (beside the first image, with the tag onebuild-cache), an image name, a folder (./...), or what --cache-to takes.',
    ),
    mode: about(
      v.picklist(['min', 'max'], 'must be min or max'),
      'What is put there: min, what the images stand on; max, the results of all steps (default).',
    ),
    mounts: about(flag, 'Whether folders of `RUN --mount=type=cache` travel with the cache.'),
    'mounts-size': about(text, 'Most that the files of one cache mount may take, such as 2GB.'),
    'max-size': about(text, 'Most that the whole cache may take, such as 20GB.'),
    'max-age': about(text, 'After which time what nobody used goes, such as 30d (default).'),
    sign: about(text, 'File of the Ed25519 private key (PEM) that signs what is put there, from this file.'),
    verify: about(
      oneOrMore,
      'Files of Ed25519 public keys (PEM), from this file: what none of them signed is not taken.',
    ),
  },
  'must be a map with from, to, mounts and limits',
);

/** What can be said once for all, for an app, for a component and for a variant; the inner one wins. */
const sharedEntries = {
  base: about(text, 'The image that the last stage starts from: the value of the build argument BASE_IMAGE.'),
  'base-arg': about(text, 'The build argument that `base` sets, when it is not BASE_IMAGE.'),
  args: about(
    v.record(v.string(), v.nullable(text), 'must have values by name'),
    'Build arguments. One without value takes it from the environment.',
  ),
  platforms: about(oneOrMore, 'Platforms that are built, such as linux/amd64.'),
  images: about(
    oneOrMore,
    'Names of the image, with tag; the first part may be the name of a registry of this file.',
  ),
  labels: about(textsByName, 'Labels of the image.'),
  annotations: about(textsByName, 'Annotations of the manifests.'),
  cache: about(cache, 'Caches outside of this machine.'),
  outputs: about(oneOrMore, 'Other outputs than a push, as --output takes them.'),
  secrets: about(oneOrMore, 'Secrets for steps, as --secret takes them. Never the secret itself.'),
  ssh: about(oneOrMore, 'SSH agents for steps, as --ssh takes them.'),
  pull: about(flag, 'Whether bases are looked up anew.'),
  'no-cache': about(
    v.union([flag, texts], 'must be true, false or a list of stages'),
    'true, or names of stages, that are built anew.',
  ),
  network: about(
    v.picklist(['default', 'none', 'host'], 'must be default, none or host'),
    'The network of RUN steps.',
  ),
  'shm-size': about(text, 'Size of /dev/shm in RUN steps, such as 64m.'),
  ulimits: about(oneOrMore, 'Limits of RUN steps, such as nofile=1024:2048.'),
  'extra-hosts': about(textsByName, 'Host names for RUN steps and their addresses.'),
  allow: about(oneOrMore, 'What steps may do beyond the usual: security.insecure, network.host.'),
} as const;

const placeEntries = {
  context: about(
    text,
    'Folder of the files that the Dockerfile copies, from the folder of this file; or the URL of a git repository.',
  ),
  dockerfile: about(text, 'The Dockerfile, from the context.'),
  stage: about(text, 'The stage of the Dockerfile that is built; default: the last one.'),
  contexts: about(textsByName, 'Named contexts: folders, images (docker-image://...), git repositories.'),
  bind: about(
    textsByName,
    'Names in FROM, COPY --from and mounts that mean another variant: variant, variant/stage, component or component.variant.',
  ),
  template: about(
    textsByName,
    'Parameters that {{ name }} in the Dockerfile stands for. Without it a Dockerfile is no template.',
  ),
} as const;

const variant = v.strictObject({ ...placeEntries, ...sharedEntries }, 'must be a map of settings');

const component = v.strictObject(
  {
    version: about(text, 'What ${version} stands for.'),
    ...placeEntries,
    ...sharedEntries,
    variants: about(
      v.record(v.string(), v.nullable(variant), 'must have variants by name'),
      'Variants by name: each is the component with what is said here in its place.',
    ),
  },
  'must be a map of settings',
);

const components = v.record(v.string(), v.nullable(component), 'must have components by name');

const app = v.strictObject(
  {
    version: about(text, 'What ${version} stands for.'),
    ...sharedEntries,
    components: about(components, 'Components by name.'),
  },
  'must be a map of settings',
);

const registry = v.strictObject(
  {
    host: v.pipe(text, v.description('What stands in image names, such as harbor.example.com.')),
    endpoint: about(text, 'Host where it is reached from here, when that is another one.'),
    mirrors: about(oneOrMore, 'Hosts that are asked before it when images are pulled.'),
    credential: about(text, 'Name of the credential for it; never the credential itself.'),
    insecure: about(flag, 'Whether plain HTTP and unknown certificates are accepted.'),
  },
  'must be a map with a host',
);

/** `onebuild.yaml`. Keys that begin with `x-` are left to others. */
export const projectFileSchema = v.pipe(
  v.strictObject(
    {
      app: about(text, 'Name of the app.'),
      version: about(text, 'What ${version} stands for.'),
      registries: about(
        v.record(v.string(), registry, 'must have registries by name'),
        'Registries by the name that images use.',
      ),
      ...sharedEntries,
      components: about(components, 'Components of the app, by name.'),
      apps: about(
        v.record(v.string(), app, 'must have apps by name'),
        'Apps by name, where one file describes several; then `app` and `components` are left out.',
      ),
      groups: about(
        v.record(v.string(), oneOrMore, 'must have lists of targets by name'),
        'Names that stand for several targets.',
      ),
      default: about(oneOrMore, 'Targets or groups that are built when none is named; default: all.'),
    },
    'must be a map',
  ),
  v.title('onebuild.yaml'),
  v.description('What is built from the Dockerfiles of a project. See docs/guide/project-file.md.'),
);

export type ProjectFile = v.InferOutput<typeof projectFileSchema>;
export type AppSection = v.InferOutput<typeof app>;
export type ComponentSection = v.InferOutput<typeof component>;
export type VariantSection = v.InferOutput<typeof variant>;
export type CacheSection = v.InferOutput<typeof cache>;

/** Parts that occur in several places, by the names that the JSON schema gives them. */
export const projectFileParts = {
  text,
  texts,
  oneOrMore,
  textsByName,
  cache,
  variant,
  component,
  components,
  app,
  registry,
};
