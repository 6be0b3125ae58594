import type { CliContext } from '../cli-context.ts';

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'] as const;

/** The proxy variables of the environment that are set, in the case they are written in. */
export function findProxyVariables(env: CliContext['env']): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names.flatMap((upper) => [upper, upper.toLowerCase()])) {
    const value = env[name];
    if (value !== undefined && value !== '') found[name] = value;
  }
  return found;
}

/** Proxies for our own requests; lower case wins, as in curl. */
export function findProxies(env: CliContext['env']): { http?: string; https?: string; no?: string } {
  const of = (name: string): string | undefined => env[name.toLowerCase()] || env[name] || env['ALL_PROXY'];
  const http = of('HTTP_PROXY');
  const https = of('HTTPS_PROXY');
  const no = env['no_proxy'] || env['NO_PROXY'];
  return { ...(http && { http }), ...(https && { https }), ...(no && { no }) };
}
