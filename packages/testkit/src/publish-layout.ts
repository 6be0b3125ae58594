import { runProgram } from './run-program.ts';

/**
 * Copies an OCI layout into a plain-HTTP registry with `skopeo`, an index with all its images.
 *
 * @param name repository and tag, `base/busybox:1`
 * @param options.tag which image of the layout, where it has several
 * @returns the reference it has now
 */
export async function publishLayout(
  dir: string,
  host: string,
  name: string,
  options: { readonly tag?: string } = {},
): Promise<string> {
  const source = options.tag === undefined ? `oci:${dir}` : `oci:${dir}:${options.tag}`;
  const flags = ['--all', '--insecure-policy', '--dest-tls-verify=false', '--preserve-digests'];
  await runProgram(['skopeo', 'copy', '--quiet', ...flags, source, `docker://${host}/${name}`]);
  return `${host}/${name}`;
}
