/** What brings the errors of images, registries, the store and the machine about: by code. */
export const registryCauses = {
  REFERENCE_INVALID: [
    'The name has capital letters, spaces or an address in front (`https://`).',
    'A variable in it is empty: `registry.example.com/:1.0`.',
  ],
  PLATFORM_MISSING: ['The image is published for other platforms; the hint lists them.'],
  MANIFEST_INVALID: [
    'Something between here and the registry changed the answer, or the image was pushed by a faulty tool.',
    'A folder or archive that is named as `oci-layout` is none.',
  ],
  REBASE_MISMATCH: [
    'The image was not built on the old base that is named, or that base has been pushed anew since.',
  ],
  MANIFEST_NOT_FOUND: [
    'The name or tag is misspelled, or was never pushed. Without a host a name is one of Docker Hub.',
    'Many registries say so of private images, too: log in.',
  ],
  BLOB_NOT_FOUND: ['The registry lost a layer, or its garbage collection ran during a push.'],
  DIGEST_MISMATCH: [
    'The transfer was damaged: a proxy, a cache or a disk on the way.',
    'A mirror serves other content than the registry.',
  ],
  CACHE_DAMAGED: [
    'A blob of the cache was lost: the registry collected its garbage, or the folder was copied while somebody wrote to it.',
    'Something else than OneBuild wrote to the reference or into the folder.',
  ],
  CACHE_SIGNATURE: [
    'The file is no key: a certificate, an SSH key, or a key with a password.',
    'Sign with the private key (`sign=`), verify with the public one (`verify=`).',
  ],
  DIGEST_INVALID: ['A digest was cut off when it was copied, or is of another kind than sha256.'],
  REGISTRY_UNAUTHORIZED: [
    'There is no login for the registry: `onebuild login HOST`. Docker Hub is `onebuild login`.',
    'The password or token has expired, or is for another host or port.',
    'Another login counts than you think, as for a part of the registry or a purpose: `onebuild login --list` shows all.',
    'The project file names a login (`credential:`) that this machine does not have: `onebuild login HOST --name NAME`.',
    'The project file has an `endpoint:` of its own, which gets no login without your word: `--registry-endpoint HOST=URL`.',
    'With sudo, root has a config.json of its own: set DOCKER_CONFIG.',
  ],
  REGISTRY_DENIED: [
    'The login is good, but this user may not push or pull there.',
    'The repository or project does not exist, and the registry makes none by itself.',
  ],
  REGISTRY_UNREACHABLE: [
    'Host or port is misspelled, the registry is down, or a firewall is between.',
    'A proxy is needed (HTTPS_PROXY), or is used where it should not (NO_PROXY).',
    'A name without a host is looked up on Docker Hub: in a closed network use `--mirror docker.io=URL`.',
  ],
  REGISTRY_UNAVAILABLE: [
    'The registry is overloaded, restarts, or limits how often it may be asked. It was asked several times.',
  ],
  REGISTRY_PROTOCOL: [
    'The address is that of a web page or of another service.',
    'A proxy or login page answers in place of the registry.',
  ],
  REGISTRY_TLS: [
    'The certificate is signed by itself or by an authority of your own: name that with `--registry-ca`, or put it into /etc/docker/certs.d/HOST/ca.crt.',
    'It has expired, or is for another name.',
    'The registry speaks plain HTTP: `--insecure-registry HOST`.',
  ],
  REGISTRY_UNSUPPORTED: [
    'A layer is larger than the registry, or the proxy in front of it, takes.',
    'The image is in a format of before 2016.',
  ],
  CREDENTIAL_HELPER: [
    'config.json names a helper (`credsStore`, `credHelpers`) that is not installed or fails.',
  ],
  DOCKER_CONFIG_INVALID: [
    'config.json or auth.json was edited by hand and is not JSON any more, or may not be read.',
    'A variable of CI (DOCKER_AUTH_CONFIG) was cut off, or quoted twice.',
  ],
  DISK_FULL: [
    'The store, or the place where the output goes, has no room left. The build is undone; the store is whole.',
    'The disk has room but no inodes (`df -i`), or a quota is used up.',
  ],
  STORE_LOCKED: [
    'Another program holds the database of the store for longer than a build waits, for example a backup.',
  ],
  STORE_CORRUPT: ['A disk failed, or something else wrote into the store.'],
  STORE_VERSION: ['A newer OneBuild used this store before.'],
  FILE_ACCESS: [
    'A path in a flag is misspelled, or is a folder where a file is needed.',
    'The user may not read or write there; the message names the place.',
  ],
  CANCELED: ['Ctrl-C, or a signal of the system that runs the build. Nothing is left half done.'],
  INTERNAL: ['None that you can help: `--debug` shows where it happened.'],
} as const;
