import { isIP } from 'node:net';
import { invalid } from './request.ts';

const protocols = ['tcp', 'udp', 'sctp'];

/** `[address:][hostPort:]port[-port][/protocol]`, taken apart. */
export interface PortSpec {
  readonly address: string;
  readonly hostPorts: string;
  readonly ports: string;
  /** As written; `tcp` where nothing is. */
  readonly protocol: string;
}

export function splitPort(text: string): PortSpec {
  const parts = text.split(':');
  const container = parts.at(-1) ?? '';
  const slash = container.indexOf('/');
  return {
    address: parts.slice(0, -2).join(':'),
    hostPorts: parts.at(-2) ?? '',
    ports: slash === -1 ? container : container.slice(0, slash),
    protocol: (slash === -1 ? '' : container.slice(slash + 1)) || 'tcp',
  };
}

/**
 * `80`, `53/udp`, `80-82/tcp` as the image config has them: `80/tcp`, one entry a port, each once. An address or a port of the host in front
 * is checked and left out, as Docker does it.
 * @throws DOCKERFILE_INSTRUCTION
 */
export function resolveExposedPorts(ports: readonly string[]): readonly string[] {
  const exposed = new Set<string>();
  for (const text of new Set(ports)) {
    const { first, last, protocol } = checkPort(text);
    for (let port = first; port <= last; port++) exposed.add(`${port}/${protocol}`);
  }
  return [...exposed];
}

function checkPort(text: string): { first: number; last: number; protocol: string } {
  const spec = splitPort(text);
  const protocol = spec.protocol.toLowerCase();
  if (!protocols.includes(protocol)) {
    throw invalid(
      `the port ${text} has the unknown protocol ${spec.protocol}`,
      'There are tcp, udp and sctp.',
    );
  }
  const address = spec.address.replace(/^\[(.*)\]$/, '$1');
  if (address !== '' && isIP(address) === 0) throw invalid(`${spec.address} is no IP address`);
  const [first, last] = parseRange(spec.ports, text);
  if (spec.hostPorts !== '') {
    const [firstHost, lastHost] = parseRange(spec.hostPorts, text);
    if (last - first !== lastHost - firstHost && last !== first) {
      throw invalid(`the ranges of ${text} are of different length`);
    }
  }
  return { first, last, protocol };
}

function parseRange(range: string, text: string): readonly [first: number, last: number] {
  const dash = range.indexOf('-');
  const first = parsePort(dash === -1 ? range : range.slice(0, dash), text);
  const last = dash === -1 ? first : parsePort(range.slice(dash + 1), text);
  if (last < first) throw invalid(`the range ${range} of ports ends before it begins`);
  return [first, last];
}

function parsePort(digits: string, text: string): number {
  const port = /^\+?\d+$/.test(digits) ? Number(digits) : Number.NaN;
  if (port <= 65_535) return port;
  throw invalid(
    `${JSON.stringify(text)} is no port`,
    'Write a number from 0 to 65535, or a range: 80, 53/udp, 8000-8010.',
  );
}
