import type { ErrorCode } from '@onebuild/core';

/** A mistake that somebody can make. Words in `<...>` stand for parts of the {@link ErrorWorld}. */
export interface Recipe {
  /** Files of the current folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const dockerfile = (text: string): Recipe => ({ files: { Dockerfile: text }, args: ['build', '.'] });

const project = (text: string, ...more: readonly string[]): Recipe => ({
  files: { 'onebuild.yaml': text },
  args: ['config', ...more],
});

/** One mistake for each code that can be provoked on any machine, without waiting. */
export const recipes: Readonly<Partial<Record<ErrorCode, Recipe>>> = {
  USAGE: { args: ['build', '--taget', 'server', '.'] },
  DOCKERFILE_PARSE: dockerfile('FROM scratch\nCOPY <<EOF /etc/motd\nhello\n'),
  DOCKERFILE_INSTRUCTION: dockerfile('FROM debian:12\nRNU apt-get update\n'),
  DOCKERFILE_EXPANSION: dockerfile('FROM scratch\nENV HOME=${HOMEDIR\n'),
  DOCKERFILE_STAGE: {
    files: { Dockerfile: 'FROM scratch AS builder\nFROM scratch AS server\n' },
    args: ['build', '--target', 'sever', '.'],
  },
  DOCKERFILE_NOT_FOUND: { files: { 'Dockerfile.prod': 'FROM scratch\n' }, args: ['build', '.'] },
  IGNORE_PATTERN: {
    files: { Dockerfile: 'FROM scratch\nCOPY . /\n', '.dockerignore': 'node_modules\nlogs/[0-9\n' },
    args: ['build', '.'],
  },
  TEMPLATE_PARAMETER: {
    files: {
      'onebuild.yaml': 'components:\n  web:\n    template: { base: debian:12 }\n',
      Dockerfile: 'FROM {{ bsae }}\n',
    },
    args: ['config', '--dockerfile', 'web'],
  },
  PROJECT_NOT_FOUND: { args: ['config'] },
  PROJECT_PARSE: project('components:\n  web: {}\n  web: {}\n'),
  PROJECT_INVALID: project('components:\n  web:\n    platfroms: [linux/amd64]\n'),
  PROJECT_EXPANSION: project('components:\n  web:\n    images: shop/web:${git.shaa}\n'),
  TARGET_NOT_FOUND: project('components:\n  web:\n    variants: { standard: {}, kylin: {} }\n', 'web.kilyn'),
  CONTEXT_NOT_FOUND: { args: ['build', './servre'] },
  CONTEXT_READ: { args: ['build', '-t', 'app', '-'], input: 'x'.repeat(17 << 20) },
  SOURCE_NOT_FOUND: {
    files: { Dockerfile: 'FROM scratch\nCOPY target/app.jar /\n', 'target/app-1.0.jar': '' },
    args: ['build', '.'],
  },
  SOURCE_FETCH: dockerfile('FROM scratch\nADD http://127.0.0.1:1/app.tar.gz /\n'),
  CHECKSUM_MISMATCH: dockerfile(
    `FROM scratch\nADD --checksum=sha256:${'0'.repeat(64)} http://<odd>/file /\n`,
  ),
  TAR_INVALID: { args: ['inspect', 'oci-layout:app.tar'], files: { 'app.tar': 'not a tar'.repeat(100) } },
  GIT_FAILED: { args: ['build', 'http://127.0.0.1:1/app.git'] },
  STEP_FAILED: dockerfile(
    'FROM <base>\nRUN echo compiling; \\\n    echo "main.c:7: error: expected \';\'" >&2; \\\n    exit 2\n',
  ),
  STEP_COMMAND_NOT_FOUND: dockerfile('FROM <base>\nRUN ["/usr/bin/make", "all"]\n'),
  STEP_USER_NOT_FOUND: dockerfile('FROM <base>\nUSER deploy\nRUN id\n'),
  SECRET_NOT_FOUND: dockerfile('FROM <base>\nRUN --mount=type=secret,id=npm,required true\n'),
  SSH_NOT_FOUND: { ...dockerfile('FROM scratch\n'), args: ['build', '--ssh', 'default', '.'] },
  PLATFORM_INVALID: { ...dockerfile('FROM scratch\n'), args: ['build', '--platform', 'linux/x87', '.'] },
  OUTPUT_INVALID: { ...dockerfile('FROM scratch\n'), args: ['build', '-o', 'type=oic,dest=app.tar', '.'] },
  OUTPUT_LOAD: {
    ...dockerfile('FROM scratch\n'),
    args: ['build', '-t', 'app', '-o', 'type=docker,engine=docker', '.'],
    env: { DOCKER_HOST: 'unix:///run/no-docker.sock' },
  },
  REFERENCE_INVALID: {
    ...dockerfile('FROM scratch\n'),
    args: ['build', '-t', 'registry.example.com/Team/App:1.0', '.'],
  },
  PLATFORM_MISSING: { args: ['inspect', '--platform', 'linux/s390x', '<base>'] },
  MANIFEST_INVALID: { args: ['inspect', '<odd>/broken:1'] },
  MANIFEST_NOT_FOUND: { args: ['inspect', '<registry>/base/busybox:2'] },
  BLOB_NOT_FOUND: {
    files: {
      'image/oci-layout': '{"imageLayoutVersion":"1.0.0"}',
      'image/index.json': JSON.stringify({
        schemaVersion: 2,
        manifests: [
          {
            mediaType: 'application/vnd.oci.image.manifest.v1+json',
            digest: `sha256:${'1'.repeat(64)}`,
            size: 500,
          },
        ],
      }),
    },
    args: ['inspect', 'oci-layout:image'],
  },
  DIGEST_MISMATCH: { args: ['inspect', `<odd>/other@sha256:${'2'.repeat(64)}`] },
  DIGEST_INVALID: dockerfile('FROM scratch\nADD --checksum=sha256:1234 http://<odd>/file /\n'),
  REGISTRY_UNAUTHORIZED: { args: ['login', '-u', 'ann', '--password-stdin', '<private>'], input: 'not hers' },
  REGISTRY_DENIED: { args: ['inspect', '<odd>/denied:1'] },
  REGISTRY_PROTOCOL: { args: ['inspect', '<odd>/page:1'] },
  REGISTRY_TLS: { args: ['inspect', '<tls>/app:1'] },
  REGISTRY_UNSUPPORTED: { args: ['inspect', '<odd>/unsupported:1'] },
  CREDENTIAL_HELPER: {
    files: { 'docker/config.json': '{"credsStore":"desktop"}' },
    args: ['inspect', '<private>/app:1'],
    env: { DOCKER_CONFIG: 'docker' },
  },
  DOCKER_CONFIG_INVALID: {
    files: { 'docker/config.json': '{"auths": {' },
    args: ['inspect', '<private>/app:1'],
    env: { DOCKER_CONFIG: 'docker' },
  },
  DISK_FULL: {
    files: { Dockerfile: 'FROM scratch\nCOPY . /\n' },
    args: ['build', '-o', 'type=oci,dest=/dev/full', '.'],
  },
  FILE_ACCESS: {
    ...dockerfile('FROM scratch\n'),
    args: ['build', '--registry-ca', 'company-ca.pem', '.'],
  },
};
