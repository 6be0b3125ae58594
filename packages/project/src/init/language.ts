/** A language that a first Dockerfile can be written for. */
export interface Language {
  /** `Go` */
  readonly name: string;
  /** Files of which one says that the folder is written in it. */
  readonly signs: readonly string[];
  /** Files whose texts the parameters are made from. */
  readonly reads: readonly string[];
  /** A template: `{{ name }}` is a parameter. */
  readonly dockerfile: string;
  /** Lines of `.dockerignore`, as .gitignore has them. */
  readonly ignores: readonly string[];
  parameters(folder: StarterFolder): Readonly<Record<string, string>>;
  /** What the reader of the first files has to know, a sentence each; for what could not be found out. */
  advice?(folder: StarterFolder): readonly string[];
  /** Secrets that the build needs, as `--secret` takes them. */
  secrets?(folder: StarterFolder): readonly string[];
}

/** What is known of the folder that gets its first files. */
export interface StarterFolder {
  /** A name for the app that can be that of an image. */
  readonly name: string;
  /** Names in the folder, and those in its folders with a `/` between. */
  readonly files: ReadonlySet<string>;
  /** Text of one of the files in `reads`; empty where there is none. */
  text(name: string): string;
}

/** What the first group of `pattern` is in `text`, where it looks like a name or a version; else `otherwise`. */
export function findWord(text: string, pattern: RegExp, otherwise: string): string {
  const word = pattern.exec(text)?.[1];
  return word !== undefined && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,100}$/.test(word) ? word : otherwise;
}
