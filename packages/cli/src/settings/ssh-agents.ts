import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fault } from '@onebuild/core';
import type { CliContext } from '../cli-context.ts';

/** Agents of our own, each with the keys of one `--ssh ID=KEY,...`. */
export interface SshAgents {
  /** Sockets by id. */
  readonly sockets: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Runs as the child of ssh-agent, which waits for it: says that the socket is there, and ends the agent when its input ends, which
 * it does also when this process is killed.
 */
const guard = 'echo ready; cat >/dev/null; kill "$SSH_AGENT_PID"; rm -rf "$1"';

/**
 * Starts an SSH agent for each id. The keys are read by OpenSSH's programs and are in the memory of the agents alone.
 * @throws TOOL_MISSING, SSH_NOT_FOUND where a key cannot be used
 */
export async function startSshAgents(
  keys: Readonly<Record<string, readonly string[]>>,
  context: Pick<CliContext, 'env' | 'signal'>,
): Promise<SshAgents> {
  const agents: { child: ChildProcess; folder: string }[] = [];
  const sockets: Record<string, string> = {};
  const close = async (): Promise<void> => {
    for (const { child, folder } of agents.splice(0)) {
      const ended = new Promise((done) => child.once('close', done));
      child.stdin?.end();
      if (child.exitCode === null) await ended;
      await rm(folder, { recursive: true, force: true });
    }
  };
  try {
    for (const [id, files] of Object.entries(keys)) {
      const folder = await mkdtemp(join(tmpdir(), 'onebuild-ssh-'));
      const socket = join(folder, 'agent');
      const child = startAgent(socket, folder, context.env);
      agents.push({ child, folder });
      await isReady(child);
      for (const file of files) await addKey(file, socket, context);
      sockets[id] = socket;
    }
    return { sockets, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startAgent(socket: string, folder: string, env: CliContext['env']): ChildProcess {
  return spawn('ssh-agent', ['-a', socket, 'sh', '-c', guard, 'onebuild-ssh', folder], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
    // Ctrl-C is for us: the agent ends when the steps that use it have ended
    detached: true,
  });
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(
        fault('TOOL_MISSING', '--ssh with a key file needs ssh-agent', {
          hint: 'Install it: `apt-get install openssh-client`.',
          cause,
        }),
      );
    });
    child.once('close', (code) =>
      reject(fault('SSH_NOT_FOUND', `ssh-agent ended with ${code ?? 'a signal'}`)),
    );
    child.stdout?.once('data', () => resolve());
  });
}

function addKey(
  file: string,
  socket: string,
  { env, signal }: Pick<CliContext, 'env' | 'signal'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // without a terminal nothing asks for a passphrase
    const child = spawn('ssh-add', ['--', file], {
      env: { ...env, SSH_AUTH_SOCK: socket, SSH_ASKPASS_REQUIRE: 'never', DISPLAY: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      signal,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, 4096);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve();
      const why = whyNot(said) ?? `ssh-add ended with ${code}`;
      reject(
        fault('SSH_NOT_FOUND', `--ssh: the key ${file} cannot be used: ${why}`, {
          hint: 'Keys with a passphrase: add them to your own agent with `ssh-add`, and pass that with `--ssh default`.',
        }),
      );
    });
  });
}

/** The line of ssh-add that says most. */
function whyNot(said: string): string | undefined {
  if (/passphrase/i.test(said)) return 'it has a passphrase';
  const lines = said.split('\n').filter((line) => /\w/.test(line));
  return (lines.find((line) => /too open/.test(line)) ?? lines.at(-1))?.trim();
}
