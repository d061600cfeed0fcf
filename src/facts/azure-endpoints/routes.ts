import type { Evidence } from '../../engine/model.ts';
import { isMapping } from '../../formats/cloud-config-merge.ts';
import { ipv4Contains } from '../../formats/ipv4.ts';
import { type PyYamlValue, parsePyYaml } from '../../formats/pyyaml.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';

/** A configured route that throws packets away. */
export interface DeadRoute {
  readonly network: string;
  readonly evidence: Evidence;
}

const dead = /\b(?:blackhole|unreachable|prohibit)\b/i;
const network = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?![\d.])/;

/** Files with one route a line: EL, SUSE, ifupdown. */
const lineFiles = [
  '/etc/sysconfig/network-scripts/route-*',
  '/etc/sysconfig/network/routes',
  '/etc/sysconfig/network/ifroute-*',
  '/etc/network/interfaces',
  '/etc/network/interfaces.d/*',
];

export function deadRoutes(rootFs: RootFs): readonly DeadRoute[] {
  const read = (patterns: readonly string[], find: (path: string, text: string) => readonly DeadRoute[]) =>
    patterns
      .flatMap((pattern) => expandGlob(rootFs, pattern))
      .filter((path) => rootFs.stat(path)?.type === 'file')
      .flatMap((path) => find(path, rootFs.readText(path) ?? ''));
  return [
    ...read(lineFiles, ofLines),
    ...read(['/etc/systemd/network/*.network', '/usr/lib/systemd/network/*.network'], ofNetworkd),
    ...read(['/etc/netplan/*.yaml', '/usr/lib/netplan/*.yaml'], ofNetplan),
  ];
}

export function leadsTo(route: DeadRoute, address: string): boolean {
  return ipv4Contains(route.network, address) === true;
}

function ofLines(path: string, text: string): readonly DeadRoute[] {
  return text.split('\n').flatMap((line, index) => {
    const content = line.replace(/#.*/, '');
    const found = dead.test(content) ? network.exec(content)?.[0] : undefined;
    return found === undefined ? [] : [{ network: found, evidence: { path, line: index + 1, text: line.trim() } }];
  });
}

/** `[Route]` sections with `Destination=` and `Type=`. */
function ofNetworkd(path: string, text: string): readonly DeadRoute[] {
  let line = 0;
  return text.split(/^(?=\[)/m).flatMap((section) => {
    const start = line;
    line += section.split('\n').length - 1;
    if (!section.startsWith('[Route]') || !/^\s*Type\s*=\s*(?:blackhole|unreachable|prohibit)\s*$/m.test(section))
      return [];
    const destination = /^\s*Destination\s*=\s*(\S+)/m.exec(section)?.[1];
    const at = section.split('\n').findIndex((content) => /^\s*Destination\s*=/.test(content));
    if (destination === undefined) return [];
    return [{ network: destination, evidence: { path, line: start + at + 1, text: `Destination=${destination}` } }];
  });
}

/** Mappings with `to` and `type` in any list `routes`. */
function ofNetplan(path: string, text: string): readonly DeadRoute[] {
  const document = parsePyYaml(text);
  if ('error' in document) return [];
  const found: DeadRoute[] = [];
  const visit = (value: PyYamlValue, place: readonly (string | number)[]): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of (value as readonly PyYamlValue[]).entries()) visit(item, [...place, index]);
    } else if (isMapping(value)) {
      const { to, type } = value;
      if (typeof to === 'string' && typeof type === 'string' && dead.test(type)) {
        const line = document.lineOf([...place, 'to']);
        found.push({ network: to, evidence: { path, ...(line !== undefined && { line }), text: `to: ${to}` } });
      }
      for (const [key, item] of Object.entries(value)) visit(item, [...place, key]);
    }
  };
  visit(document.value, []);
  return found;
}
