import { BlockList, isIP } from 'node:net';

/** Tells whether a `URL` names one of the hosts of a list. */
export type HostMatcher = (url: URL) => boolean;

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * Matcher for a list of `host`, `host:port`, `address`, `CIDR`, `*`. With `subdomains`, a name stands for its
 * subdomains too, and `.name` and `*.name` for these alone (the form of `NO_PROXY`). What cannot be read matches nothing.
 */
export function createHostMatcher(
  patterns: readonly string[],
  options: { subdomains: boolean },
): HostMatcher {
  // Node.js loads a part of its own for it
  let networks: BlockList | undefined;
  const names: { readonly name: string; readonly port: string; readonly suffixOnly: boolean }[] = [];
  let all = false;
  for (const pattern of patterns.map((text) => text.trim().toLowerCase()).filter((text) => text !== '')) {
    if (pattern === '*') all = true;
    else if (pattern.includes('/')) addNetwork((networks ??= new BlockList()), pattern);
    else names.push(parseName(pattern));
  }
  return (url) => {
    if (all) return true;
    const host = bareHost(url);
    const port = url.port === '' ? (defaultPorts[url.protocol] ?? '') : url.port;
    if (names.some((entry) => matchesName(entry, host, port, options.subdomains))) return true;
    if (networks === undefined) return false;
    const family = isIP(host);
    return family !== 0 && networks.check(host, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/** Host of a URL without the brackets of an IPv6 address and without a closing dot. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** 127.0.0.0/8, ::1 and `localhost`, which plain HTTP may reach (as in Docker). */
export function isLoopback(url: URL): boolean {
  const host = bareHost(url);
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function addNetwork(networks: BlockList, pattern: string): void {
  const [address = '', bits = ''] = pattern.split('/', 2);
  const family = isIP(address);
  const length = Number(bits);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || length > (family === 6 ? 128 : 32)) return;
  networks.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
}

function parseName(pattern: string): { name: string; port: string; suffixOnly: boolean } {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(pattern);
  if (bracketed) return { name: bracketed[1] ?? '', port: bracketed[2] ?? '', suffixOnly: false };
  if (isIP(pattern) === 6) return { name: pattern, port: '', suffixOnly: false };
  const [host = '', port = ''] = pattern.split(':', 2);
  const suffixOnly = host.startsWith('.') || host.startsWith('*.');
  return { name: suffixOnly ? host.slice(host.indexOf('.') + 1) : host, port, suffixOnly };
}

function matchesName(
  entry: { readonly name: string; readonly port: string; readonly suffixOnly: boolean },
  host: string,
  port: string,
  subdomains: boolean,
): boolean {
  if (entry.port !== '' && entry.port !== port) return false;
  if (entry.name === host && !entry.suffixOnly) return true;
  return subdomains && entry.name !== '' && host.endsWith(`.${entry.name}`);
}
