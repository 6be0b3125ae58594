import type { BakeDefinition } from '../bake/bake-target.ts';
import type { Unsupported } from '../bake/to-target.ts';
import type { TextFile } from '../text-file.ts';

export interface ReadComposeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly envFile?: TextFile;
  readonly profiles?: readonly string[];
}
export function readComposeFile(_file: TextFile, _options: ReadComposeOptions): { definition: BakeDefinition; unsupported: readonly Unsupported[] } {
  return { definition: { targets: [], groups: [] }, unsupported: [] };
}
