import { posix } from 'node:path';
import type { AddInstruction, Instruction, RunInstruction } from '../instructions/instruction.ts';
import { isArchive, isRemote } from './check-sources.ts';
import type { Report } from './lint-dockerfile.ts';
import { programOf } from './read-install.ts';
import type { ShellCommand } from './split-shell.ts';
import type { RunView, StageView } from './stage-view.ts';

/** RUN in a row, from which on they could be one. */
const mostRuns = 3;
/** Paths of one stage, and of one RUN, that are looked at; a Dockerfile has a handful. */
const mostPaths = 1000;

/** Checks of what ends up in which layer; only layers of the image count. */
export function checkLayers(views: readonly StageView[], report: Report): void {
  for (const view of views) {
    if (!view.inImage) continue;
    checkMergeable(view, report);
    checkRemoved(view, report);
  }
}

function checkMergeable({ stage, runs }: StageView, report: Report): void {
  const plain = new Set<Instruction>(runs.map(({ instruction }) => instruction).filter(isPlain));
  let row: Instruction[] = [];
  const endRow = (): void => {
    const [first] = row;
    if (first !== undefined && row.length >= mostRuns) {
      report(
        'MergeableRuns',
        `${row.length} RUN in a row make ${row.length} layers: join them with &&`,
        first,
      );
    }
    row = [];
  };
  for (const instruction of stage.instructions) {
    if (plain.has(instruction)) row.push(instruction);
    else endRow();
  }
  endRow();
}

function isPlain({ command, mounts, network, security }: RunInstruction): boolean {
  return command.form === 'shell' && mounts.length === 0 && network === 'default' && security === 'sandbox';
}

interface Made {
  readonly path: string;
  readonly by: Instruction;
  readonly brought: boolean;
}

function checkRemoved({ stage, runs }: StageView, report: Report): void {
  const made: Made[] = [];
  const views = new Map<Instruction, RunView>(runs.map((run) => [run.instruction, run]));
  // the base says where it begins: paths from there are comparable all the same
  let folder: string | undefined = '.';
  for (const instruction of stage.instructions) {
    if (instruction.kind === 'WORKDIR') folder = place(instruction.path, folder);
    if (made.length < mostPaths && (instruction.kind === 'COPY' || instruction.kind === 'ADD')) {
      const paths =
        instruction.kind === 'ADD' ? addedTo(instruction, folder) : targetsOf(instruction, folder);
      made.push(...paths.map((path) => ({ path, by: instruction, brought: true })));
    }
    const run = views.get(instruction);
    if (run === undefined) continue;
    checkRun(run, { made, folder }, report);
    if (made.length >= mostPaths) continue;
    const kept = pathsMadeBy(run, folder).filter(
      (path) => !pathsGoneIn(run, folder).some((gone) => covers(gone, path)),
    );
    made.push(...kept.map((path) => ({ path, by: instruction, brought: false })));
  }
}

function checkRun(
  run: RunView,
  { made, folder }: { readonly made: readonly Made[]; readonly folder: string | undefined },
  report: Report,
): void {
  const { instruction } = run;
  for (const path of pathsGoneIn(run, folder)) {
    const hit = made.find((one) => covers(path, one.path));
    if (hit === undefined || run.outside.includes(hit.path)) continue;
    const { kind, location } = hit.by;
    report(
      'FileRemovedLater',
      `${hit.path} stays in the layer of the ${kind} on line ${location.line}`,
      instruction,
    );
    break;
  }
  for (const command of run.commands) {
    const program = programOf(command);
    if (
      (program !== 'chown' && program !== 'chmod') ||
      !command.words.some(({ text }) => /^-[a-zA-Z]*R/.test(text))
    )
      continue;
    const hit = argumentsOf(command)
      .slice(1)
      .map((word) => place(word, folder))
      .map((path) =>
        made.find(
          (one) => one.brought && path !== undefined && (one.path === path || covers(path, one.path)),
        ),
      )
      .find((one) => one !== undefined);
    if (hit === undefined) continue;
    report(
      'OwnerChangedLater',
      `${hit.path} is in the image twice: write ${hit.by.kind} --${program} on line ${hit.by.location.line}`,
      instruction,
    );
    break;
  }
}

/** What a COPY makes: a file where its name is certain, else the folder it copies into. */
function targetsOf(
  { sources, dest }: { readonly sources: readonly string[]; readonly dest: string },
  folder: string | undefined,
): string[] {
  const path = place(dest, folder);
  if (path === undefined) return [];
  if (!dest.endsWith('/') && dest !== '.' && sources.length === 1) return [path];
  return sources.map((source) => {
    const name = posix.basename(source);
    return /^[^*?[$]+\.[A-Za-z0-9]+$/.test(name) ? posix.join(path, name) : path;
  });
}

/** What an ADD makes; of archives in the context nobody knows. */
function addedTo({ sources, dest }: AddInstruction, folder: string | undefined): string[] {
  return sources.flatMap((source) => {
    const name = /^https?:\/\/[^?#]*\/([^/?#]+)/.exec(source)?.[1];
    if (name !== undefined) {
      const path = place(dest, folder);
      return path === undefined ? [] : [dest.endsWith('/') || dest === '.' ? posix.join(path, name) : path];
    }
    return isRemote(source) || isArchive(source) ? [] : targetsOf({ sources: [source], dest }, folder);
  });
}

/** Downloads, clones and lists: what RUN makes by well-known commands. */
function pathsMadeBy({ commands, outside }: RunView, folder: string | undefined): string[] {
  const found: (string | undefined)[] = [];
  let at = folder;
  for (const command of commands) {
    const texts = command.words.map(({ text }) => text);
    const program = programOf(command);
    if (program === 'cd') at = place(texts[1] ?? '', at);
    if (program === 'wget' || program === 'curl') found.push(place(downloadOf(program, texts) ?? '', at));
    if (program === 'git' && texts[1] === 'clone') {
      const [, address = '', target] = argumentsOf(command);
      found.push(place(target ?? posix.basename(address, '.git'), at));
    }
    if (/^apt(?:-get)?$/.test(program) && texts.includes('update')) found.push('/var/lib/apt/lists');
    if (/^(?:yum|dnf|microdnf)$/.test(program) && texts.includes('install')) found.push('/var/cache');
  }
  return found
    .slice(0, mostPaths)
    .filter((path) => path !== undefined)
    .filter((path) => !outside.some((mount) => covers(mount, path)));
}

function downloadOf(program: string, texts: readonly string[]): string | undefined {
  const flags = program === 'wget' ? /^-[a-zA-Z]*O$|^--output-document$/ : /^-[a-zA-Z]*o$|^--output$/;
  const index = texts.findIndex((text) => flags.test(text));
  if (index !== -1) return texts[index + 1];
  const address = texts.find((text) => /^(?:https?|ftp):\/\/[^?#]+$/.test(text));
  const saves = program === 'wget' || texts.some((text) => /^-[a-zA-Z]*O$|^--remote-name$/.test(text));
  return saves && address !== undefined ? posix.basename(address) : undefined;
}

function pathsGoneIn({ commands }: RunView, folder: string | undefined): string[] {
  let at = folder;
  const gone: string[] = [];
  for (const command of commands) {
    if (programOf(command) === 'cd') at = place(command.words[1]?.text ?? '', at);
    if (programOf(command) !== 'rm') continue;
    const paths = argumentsOf(command).map((word) => place(word.replace(/\/\*$/, ''), at));
    gone.push(...paths.filter((path) => path !== undefined));
  }
  return gone.slice(0, mostPaths);
}

/** Words behind the program that are neither flags nor redirections. */
function argumentsOf({ words }: ShellCommand): string[] {
  const from = words[0]?.text === 'sudo' ? 2 : 1;
  return words
    .slice(from)
    .map(({ text }) => text)
    .filter((text) => !text.startsWith('-') && !/^\d*[<>]/.test(text));
}

/** An absolute path; undefined where it cannot be known. */
function place(path: string, folder: string | undefined): string | undefined {
  if (path === '' || path === '-' || /[*?[$~`{]/.test(path)) return undefined;
  if (path.startsWith('/')) return posix.normalize(path).replace(/(.)\/$/, '$1');
  return folder === undefined ? undefined : posix.join(folder, path).replace(/(.)\/$/, '$1');
}

function covers(folder: string, path: string): boolean {
  return folder !== '/' && (path === folder || path.startsWith(`${folder}/`));
}
