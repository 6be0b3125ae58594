import { fault } from '@onebuild/core';
import { type RunInstruction, type RunMount, resolveRun } from '@onebuild/dockerfile';
import type { StepLabel } from '../graph/node.ts';
import { execNode } from '../operations/exec-operation.ts';
import type { ExecMount } from '../operations/exec-spec.ts';
import { cleanPath } from '../tree/path.ts';
import type { FrontendServices } from './frontend-services.ts';
import type { StageState } from './stage-state.ts';
import { shellOf } from './translate-config.ts';

export async function translateRun(
  services: FrontendServices,
  state: StageState,
  run: RunInstruction,
  label: StepLabel,
): Promise<void> {
  const { options } = services;
  const resolved = resolveRun(run, shellOf(state));
  const mounts = await Promise.all(run.mounts.map((mount) => translateMount(services, state, run, mount)));
  if (run.network === 'host') allow(services, run, 'network.host');
  if (run.security === 'insecure') allow(services, run, 'security.insecure');
  const env = new Map(state.env);
  if (!env.has('PATH')) env.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  for (const mount of run.mounts) if (mount.type === 'ssh') env.set('SSH_AUTH_SOCK', sshTarget(mount));
  state.made++;
  const node = execNode(
    services.operations,
    state.snapshot,
    {
      args: resolved.args,
      env: [...env].map(([name, value]) => `${name}=${value}`),
      cwd: `/${cleanPath(state.config.WorkingDir ?? '/')}`,
      user: state.config.User ?? '',
      network: run.network === 'default' ? options.network : run.network,
      security: run.security,
      platform: state.platform,
      mounts: mounts.flat(),
      ...(resolved.script && { script: resolved.script }),
      extraHosts: options.extraHosts,
      mtime: services.insideTime(state),
      limits: options.limits,
      proxy: inBothCases(services.proxy),
      argNames: new Set(state.args.keys()),
      noCache: services.isUncached(state, label.name),
    },
    label,
  );
  state.snapshot = node;
  const args = [...state.args].flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const prefix = args.length === 0 ? '' : `|${args.length} ${args.join(' ')} `;
  const command =
    run.command.form === 'shell' ? resolved.args.join(' ') : run.original.replace(/^RUN\s+/i, '');
  state.history.push({ createdBy: `RUN ${prefix}${command} # buildkit`, node });
}

function allow(
  services: FrontendServices,
  run: RunInstruction,
  what: 'network.host' | 'security.insecure',
): void {
  if (what === 'network.host' && services.options.network === 'host') return;
  if (services.options.allow.includes(what)) return;
  throw fault('DOCKERFILE_INSTRUCTION', `this RUN needs the allowance ${what}`, {
    location: services.locate(run.location),
    hint: `Add \`--allow ${what}\` if you trust the Dockerfile.`,
  });
}

/** Programs look for either spelling. */
function inBothCases(proxy: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const both = Object.entries(proxy).flatMap(([name, value]) => [
    [name.toUpperCase(), value],
    [name.toLowerCase(), value],
  ]);
  return { ...Object.fromEntries(both), ...proxy };
}

/** Where the agent's socket is, or would be: the variable is set in any case. */
function sshTarget(mount: RunMount & { readonly type: 'ssh' }): string {
  return mount.target ?? '/run/buildkit/ssh_agent.0';
}

/** Caches of one id are apart where they ask for other owners or modes. */
function cacheIdentity(mount: RunMount & { readonly type: 'cache' }): string {
  const { id, mode = 0o755, uid = 0, gid = 0 } = mount;
  return mode === 0o755 && uid === 0 && gid === 0 ? id : `${id} ${uid}:${gid} ${mode.toString(8)}`;
}

/** A secret that nobody gave: its variable is there, and empty. */
const emptySecret = {
  type: 'secret',
  content: { type: 'value', value: '' },
  mode: 0,
  uid: 0,
  gid: 0,
} as const;

async function translateMount(
  services: FrontendServices,
  state: StageState,
  run: RunInstruction,
  mount: RunMount,
): Promise<readonly ExecMount[]> {
  const inRoot = (path: string) =>
    `/${cleanPath(path.startsWith('/') ? '' : (state.config.WorkingDir ?? ''), path)}`;
  const location = services.locate(run.location);
  const from = (name: string) => {
    if (!/^\d+$/.test(name)) return services.sources.from(name, state, location);
    throw fault('DOCKERFILE_STAGE', `a mount cannot take files from stage number ${name}`, {
      location,
      hint: 'Give the stage a name (FROM ... AS name), and write from=name.',
    });
  };
  switch (mount.type) {
    case 'bind': {
      if (mount.from === undefined) services.taken.add(mount.source ?? '/');
      const source = mount.from === undefined ? await services.sources.context() : await from(mount.from);
      const target = inRoot(mount.target ?? '');
      if (target === '/')
        throw fault('DOCKERFILE_INSTRUCTION', 'a mount needs a target that is not /', { location });
      return [{ type: 'bind', from: source, source: mount.source ?? '/', target, readonly: mount.readonly }];
    }
    case 'cache': {
      const target = inRoot(mount.target ?? '');
      return [
        {
          type: 'cache',
          id: cacheIdentity(mount),
          from: mount.from === undefined ? undefined : await from(mount.from),
          source: mount.source ?? '/',
          target,
          readonly: mount.readonly,
          sharing: mount.sharing,
          mode: mount.mode ?? 0o755,
          uid: mount.uid ?? 0,
          gid: mount.gid ?? 0,
        },
      ];
    }
    case 'tmpfs':
      return [
        {
          type: 'tmpfs',
          target: inRoot(mount.target ?? ''),
          ...(mount.size !== undefined && { size: mount.size }),
        },
      ];
    case 'secret': {
      const content = services.options.secrets[mount.id];
      if (content === undefined) {
        if (!mount.required)
          return mount.env === undefined ? [] : [{ ...emptySecret, id: mount.id, env: mount.env }];
        throw fault('SECRET_NOT_FOUND', `the secret ${mount.id} is required`, {
          location,
          hint: `Pass it with \`--secret id=${mount.id},src=FILE\`.`,
        });
      }
      return [
        {
          type: 'secret',
          id: mount.id,
          content,
          ...(mount.target !== undefined && { target: inRoot(mount.target) }),
          ...(mount.env !== undefined && { env: mount.env }),
          mode: mount.mode ?? 0o400,
          uid: mount.uid ?? 0,
          gid: mount.gid ?? 0,
        },
      ];
    }
    case 'ssh': {
      const socket = services.options.ssh[mount.id];
      if (socket === undefined) {
        if (!mount.required) return [];
        throw fault('SSH_NOT_FOUND', `the SSH agent ${mount.id} is required`, {
          location,
          hint: `Pass it with \`--ssh ${mount.id}\`.`,
        });
      }
      return [{ type: 'ssh', id: mount.id, socket, target: sshTarget(mount) }];
    }
  }
}
