import { basename } from 'node:path';

/** Names that are looked for in a folder; the first one counts. */
export const projectFiles = ['onebuild.yaml', 'onebuild.yml'] as const;

/** Names that bake looks for; all of them are read, later ones win. */
export const composeFiles = [
  'compose.yaml',
  'compose.yml',
  'docker-compose.yml',
  'docker-compose.yaml',
] as const;
export const bakeFiles = [
  'docker-bake.json',
  'docker-bake.hcl',
  'docker-bake.override.json',
  'docker-bake.override.hcl',
] as const;

/** What a file is, by its name: any other YAML file is one of ours. */
export function formOf(path: string): 'onebuild' | 'bake' | 'compose' {
  const name = basename(path).toLowerCase();
  if (/\.(?:hcl|json)$/.test(name)) return 'bake';
  return /compose[^/]*\.ya?ml$/.test(name) ? 'compose' : 'onebuild';
}

/** Whether `-f` with this name means a project file, and no Dockerfile. */
export function isProjectFileName(path: string): boolean {
  return /\.(?:hcl|json|ya?ml)$/i.test(path);
}
