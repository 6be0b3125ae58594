import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fault, registerSecret } from '@onebuild/core';
import type { SecretSource } from '@onebuild/engine';
import type { CliContext } from '../cli-context.ts';
import { parseCsvFields, splitPair } from './csv-fields.ts';

const form = 'Write it as id=ID,src=FILE or id=ID,env=NAME.';

/**
 * Reads `--secret id=ID[,src=FILE|,env=NAME][,type=file|env]`. With an id alone, the environment variable of that name
 * is taken where there is one, else the file. Values are registered: they are blanked out wherever text is shown.
 * @throws USAGE, SECRET_NOT_FOUND
 */
export function parseSecret(
  text: string,
  context: Pick<CliContext, 'env' | 'cwd'>,
): [id: string, source: SecretSource] {
  const fields = parseCsvFields(text, '--secret', form);
  const type = fields.get('type');
  if (type !== undefined && type !== 'file' && type !== 'env') {
    throw fault('USAGE', `--secret: there is no type ${JSON.stringify(type)}`, {
      hint: 'Types are file and env.',
    });
  }
  for (const key of fields.keys()) {
    if (!['id', 'src', 'source', 'env', 'type'].includes(key)) {
      throw fault('USAGE', `--secret: there is no field ${JSON.stringify(key)}`, { hint: form });
    }
  }
  const id = fields.get('id');
  if (id === undefined || id === '') throw fault('USAGE', '--secret needs id=...', { hint: form });
  const path = fields.get('src') ?? fields.get('source');
  const name = fields.get('env') ?? (type === 'env' ? (path ?? id) : undefined);
  if (name !== undefined) return [id, fromEnv(id, name, context.env)];
  if (path === undefined && type === undefined && context.env[id] !== undefined) {
    return [id, fromEnv(id, id, context.env)];
  }
  return [id, fromFile(id, resolve(context.cwd, path ?? id))];
}

function fromEnv(id: string, name: string, env: CliContext['env']): SecretSource {
  const value = env[name];
  if (value === undefined) {
    throw fault('SECRET_NOT_FOUND', `secret ${id}: the environment has no variable ${name}`, {
      hint: `Set it (export ${name}=...), or give a file: --secret id=${id},src=FILE.`,
    });
  }
  registerSecret(value);
  return { type: 'value', value };
}

function fromFile(id: string, path: string): SecretSource {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw fault('SECRET_NOT_FOUND', `secret ${id}: there is no file ${path}`, {
      hint: `Name the file that holds it: --secret id=${id},src=FILE; or a variable: --secret id=${id},env=NAME.`,
    });
  }
  return { type: 'file', path };
}

/** An agent that runs, or private keys for one that has to be started. */
export type SshSource =
  | { readonly type: 'socket'; readonly path: string }
  | { readonly type: 'keys'; readonly paths: readonly string[] };

/**
 * Reads `--ssh default`, `ID=SOCKET` or `ID=KEY,KEY`.
 * @throws SSH_NOT_FOUND, USAGE
 */
export function parseSsh(
  text: string,
  context: Pick<CliContext, 'env' | 'cwd'>,
): [id: string, source: SshSource] {
  const [id, value] = splitPair(text);
  if (id === '') throw fault('USAGE', `--ssh ${JSON.stringify(text)} has to be ID, ID=SOCKET or ID=KEY`);
  if (value !== undefined && value !== '') return [id, sshFiles(id, value.split(','), context.cwd)];
  const agent = context.env['SSH_AUTH_SOCK'];
  if (agent === undefined || agent === '') {
    throw fault('SSH_NOT_FOUND', `--ssh ${id}: no SSH agent runs (SSH_AUTH_SOCK is not set)`, {
      hint: 'Start one: eval "$(ssh-agent)" && ssh-add; or name a socket: --ssh default=SOCKET.',
    });
  }
  return [id, { type: 'socket', path: agent }];
}

function sshFiles(id: string, names: readonly string[], cwd: string): SshSource {
  const paths = names.map((name) => resolve(cwd, name));
  const found = paths.map((path) => statSync(path, { throwIfNoEntry: false }));
  const missing = paths[found.findIndex((stat) => stat?.isSocket() !== true && stat?.isFile() !== true)];
  if (missing !== undefined) {
    throw fault('SSH_NOT_FOUND', `--ssh ${id}: ${missing} is neither a socket nor a key file`, {
      hint: "Name an agent's socket or private keys: --ssh default=$SSH_AUTH_SOCK, --ssh default=$HOME/.ssh/id_ed25519.",
    });
  }
  const [first = ''] = paths;
  if (found.every((stat) => stat?.isFile() === true)) return { type: 'keys', paths };
  if (paths.length === 1) return { type: 'socket', path: first };
  throw fault('USAGE', `--ssh ${id} takes one socket, or key files`);
}
