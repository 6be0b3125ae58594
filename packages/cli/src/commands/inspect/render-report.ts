import type { ImageConfig, LayerEntry } from '@onebuild/oci';
import { formatPlatform } from '@onebuild/oci';
import { cleanLine } from '../../display/clean-text.ts';
import { formatBytes, formatCount } from '../../display/format-amounts.ts';
import { renderTable } from '../../display/render-table.ts';
import { fitText } from '../../display/text-width.ts';
import type { ImageReport } from './image-report.ts';

const shownCommand = 90;

/** An image for people: what it is, how it starts, its layers. */
export function renderReport(report: ImageReport): string[] {
  const { config } = report;
  const facts: [string, string | undefined][] = [
    ['Name', report.name],
    ['Digest', report.digest],
    ['Type', report.mediaType],
    ...(report.platforms ?? []).map(({ platform, digest }): [string, string] => [
      'Image',
      `${platform} ${digest}`,
    ]),
    ...(report.platforms === undefined ? [] : [['Shown', report.manifest.digest] as [string, string]]),
    ['Platform', formatPlatform(config)],
    ['Created', config.created],
    ['Author', config.author],
    ...runFacts(config),
    ...Object.entries(report.annotations ?? {}).map(([key, value]): [string, string] => [
      'Annotation',
      `${key}=${value}`,
    ]),
  ];
  const shown = facts.filter(([, value]) => value !== undefined && value !== '');
  return [
    ...shown.map(([name, value]) => `${name.padEnd(11)} ${clean(value ?? '')}`),
    '',
    ...renderTable(
      ['LAYER', 'SIZE', 'DIGEST', 'MADE BY'],
      report.layers.map((layer, index) => [
        String(index + 1),
        formatBytes(layer.size),
        layer.digest,
        fitText(clean(layer.createdBy ?? ''), shownCommand),
      ]),
    ),
    `${formatCount(report.layers.length, 'layer')}, ${formatBytes(report.size)}`,
  ];
}

function runFacts({ config = {} }: ImageConfig): [string, string | undefined][] {
  const list = (words: readonly string[] | null | undefined): string | undefined =>
    words == null ? undefined : JSON.stringify(words);
  return [
    ['User', config.User],
    ['Folder', config.WorkingDir],
    ['Entrypoint', list(config.Entrypoint)],
    ['Command', list(config.Cmd)],
    ['Healthcheck', list(config.Healthcheck?.Test)],
    ['Stop signal', config.StopSignal],
    ['Ports', Object.keys(config.ExposedPorts ?? {}).join(', ')],
    ['Volumes', Object.keys(config.Volumes ?? {}).join(', ')],
    ...(config.Env ?? []).map((variable): [string, string] => ['Environment', variable]),
    ...Object.entries(config.Labels ?? {}).map(([key, value]): [string, string] => [
      'Label',
      `${key}=${value}`,
    ]),
  ];
}

/** The files of a layer as `ls -l` would show them. */
export function renderFiles(entries: readonly LayerEntry[]): string[] {
  return renderTable(
    ['MODE', 'OWNER', 'SIZE', 'PATH'],
    entries.map((entry) => [
      entry.type === 'whiteout' ? 'removed' : entry.type === 'opaque' ? 'opaque' : formatMode(entry),
      `${entry.uid}:${entry.gid}`,
      entry.type === 'file' ? String(entry.size) : '',
      clean(
        entry.link === undefined
          ? `/${entry.path}`
          : `/${entry.path} ${entry.type === 'hardlink' ? '=' : '->'} ${entry.link}`,
      ),
    ]),
  );
}

const typeLetters: Readonly<Record<string, string>> = {
  dir: 'd',
  symlink: 'l',
  char: 'c',
  block: 'b',
  fifo: 'p',
  hardlink: 'h',
};

function formatMode({ type, mode }: LayerEntry): string {
  const bits = 'rwxrwxrwx'.split('').map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-'));
  for (const [bit, index, letter] of [
    [0o4000, 2, 's'],
    [0o2000, 5, 's'],
    [0o1000, 8, 't'],
  ] as const) {
    if (mode & bit) bits[index] = bits[index] === 'x' ? letter : letter.toUpperCase();
  }
  return `${typeLetters[type] ?? '-'}${bits.join('')}`;
}

function clean(text: string): string {
  return cleanLine(text.replace(/\s+/g, ' '), { colours: false });
}
