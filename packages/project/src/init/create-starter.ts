import type { Project } from '../model.ts';
import { renderTemplate } from '../template/render-template.ts';
import type { Language, StarterFolder } from './language.ts';
import { c } from './languages/c.ts';
import { go } from './languages/go.ts';
import { gradle } from './languages/gradle.ts';
import { maven } from './languages/maven.ts';
import { node } from './languages/node.ts';
import { php } from './languages/php.ts';
import { python } from './languages/python.ts';
import { rust } from './languages/rust.ts';
import { writeProjectFile } from './write-project-file.ts';

/** In the order in which they are looked for: Makefiles and package.json stand in projects of other languages, too. */
export const languages: readonly Language[] = [go, rust, maven, gradle, php, python, node, c];

/** Files to write, by name, and what they are for. */
export interface Starter {
  /** Undefined: the folder has Dockerfiles, and they stay as they are. */
  readonly language: string | undefined;
  readonly files: Readonly<Record<string, string>>;
  /** What could not be found out, a sentence each. */
  readonly advice: readonly string[];
}

/** What no image needs: left out of contexts. */
const ignored = ['.git', '.env', '.env.*'];
const ignoredAtFirst = ['.github', '.gitlab-ci.yml', 'Dockerfile*', '.dockerignore', 'onebuild.yaml'];

export function findLanguage(files: ReadonlySet<string>): Language | undefined {
  return languages.find(({ signs }) => signs.some((sign) => files.has(sign)));
}

/**
 * First files for a folder. With Dockerfiles (`existing`, what the convention makes of them) these are kept and put into words in
 * `onebuild.yaml`; without, the language gives the Dockerfile. Undefined: there is neither.
 */
export function createStarter(folder: StarterFolder, existing: Project | undefined): Starter | undefined {
  const language = findLanguage(folder.files);
  if (existing === undefined && language === undefined) return undefined;
  const dockerfile =
    existing !== undefined || language === undefined
      ? undefined
      : renderTemplate(
          { name: `template for ${language.name}`, text: language.dockerfile },
          language.parameters(folder),
        );
  return {
    language: dockerfile === undefined ? undefined : language?.name,
    files: {
      ...(dockerfile !== undefined && { Dockerfile: dockerfile }),
      '.dockerignore': writeIgnoreFile(
        existing === undefined
          ? [...ignored, ...ignoredAtFirst, ...anywhere(language?.ignores ?? [])]
          : ignored,
      ),
      'onebuild.yaml': writeProjectFile(
        folder.name,
        existing,
        dockerfile === undefined ? [] : language?.secrets?.(folder),
      ),
    },
    advice: dockerfile === undefined ? [] : (language?.advice?.(folder) ?? []),
  };
}

/** At any depth: unlike in .gitignore that has to be written. */
function anywhere(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `**/${line.replace(/\/$/, '')}`);
}

function writeIgnoreFile(lines: readonly string[]): string {
  return `# not sent into builds\n${lines.join('\n')}\n`;
}
