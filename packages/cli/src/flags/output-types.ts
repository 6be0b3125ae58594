/** Values of `type=` in `--output`. */
export const outputTypes = ['image', 'registry', 'oci', 'docker', 'local', 'tar'] as const;
