/** What a first Dockerfile takes from `package.json`. */
export interface NodePackage {
  readonly scripts: readonly string[];
  /** The start script, where it is a plain call of node: signals then reach the program. */
  readonly start: readonly string[] | undefined;
  readonly main: string;
  /** `engines.node`, empty where there is none. */
  readonly engine: string;
  /** `pnpm@9.1.0`, empty where there is none. */
  readonly packageManager: string;
  readonly hasWorkspaces: boolean;
}

/** Reads `package.json`; what is of another form counts as missing. */
export function readPackage(text: string): NodePackage {
  const file = parseObject(text);
  const scripts = asObject(file['scripts']);
  const start = asText(scripts['start']).trim();
  const main = asText(file['main']);
  return {
    scripts: Object.keys(scripts),
    start: /^node(?: [\w./-]+)+$/.test(start) ? start.split(' ') : undefined,
    main: /^[\w./-]+$/.test(main) ? main.replace(/^\.\//, '') : 'index.js',
    engine: asText(asObject(file['engines'])['node']),
    packageManager: asText(file['packageManager']),
    hasWorkspaces: file['workspaces'] !== undefined,
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
