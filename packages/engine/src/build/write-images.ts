import type { Output } from '../build-options.ts';
import type { PushSet } from '../output/push-images.ts';

/** Where an image goes on this machine. The store has it without further ado. */
export type LocalOutput = Extract<Output, { readonly type: 'oci' | 'docker' | 'load' }>;

export function localOutputName(output: LocalOutput): string {
  if (output.type === 'load') return 'load into the local engine';
  return `write ${output.type}${'path' in output.dest ? ` ${output.dest.path}` : ''}`;
}

/** What `--load`, `oci` and `docker` get. */
export async function writeImages(
  output: LocalOutput,
  set: PushSet,
  signal: AbortSignal,
): Promise<{ readonly note?: string }> {
  switch (output.type) {
    case 'oci': {
      const { writeOciLayout } = await import('../output/oci-layout.ts');
      await writeOciLayout(set, { dest: output.dest, tar: output.tar, signal });
      return {};
    }
    case 'docker': {
      const { writeDockerArchive } = await import('../output/docker-archive.ts');
      await writeDockerArchive(set, { dest: output.dest, tar: output.tar, signal });
      return {};
    }
    case 'load': {
      const { loadImage } = await import('../output/load-image.ts');
      const engine = await loadImage(set, { engine: output.engine, dockerHost: output.dockerHost, signal });
      return { note: `loaded into ${engine}` };
    }
  }
}
