import { defineFact, type FactContext } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';

/** A `nameserver` line. */
export interface NameServer {
  readonly address: string;
  /** A resolver on the machine itself, such as systemd-resolved's 127.0.0.53. */
  readonly isLocal: boolean;
  readonly evidence: Evidence;
}

export interface Resolver {
  /**
   * `link`: a symbolic link into /run or to a stub of the system, filled at boot. `empty`: a file without name servers.
   * `static`: a file with name servers.
   */
  readonly state: 'absent' | 'link' | 'empty' | 'static' | CouldNotRead;
  /** /etc/resolv.conf; for a link its text is the target. Empty when absent. */
  readonly evidence: readonly Evidence[];
  /** Name servers of /etc/resolv.conf, unless it is a link that is filled at boot. */
  readonly nameServers: readonly NameServer[];
  /** Name servers in the pieces that the resolvconf package adds to every resolv.conf it writes. */
  readonly fragments: readonly NameServer[];
  readonly unread: readonly CouldNotRead[];
}

const resolvConf = '/etc/resolv.conf';
const fragmentPaths = ['base', 'head', 'tail', 'original'].map((name) => `/etc/resolvconf/resolv.conf.d/${name}`);
/** Where links of systemd-resolved, NetworkManager, resolvconf and netconfig lead: written anew on each boot, or a fixed stub. */
const filledAtBoot = /^(?:\/var)?\/run\/|^(?:\/usr)?\/lib\/systemd\/resolv\.conf$/;

/** Name servers that the image would use before anything else sets them. */
export const resolver = defineFact<Resolver>({
  id: 'resolver',
  description: 'State of /etc/resolv.conf and the name servers in it and in the fragments of resolvconf.',
  reads: [resolvConf, '/etc/resolvconf/resolv.conf.d/*'],
  compute({ rootFs }) {
    const fragments = fragmentPaths.map((path) => attempt(() => nameServersOf(rootFs, path) ?? []));
    const common = { fragments: fragments.flatMap((found) => (isCouldNotRead(found) ? [] : found)) };
    const unread = fragments.filter(isCouldNotRead);

    const target = rootFs.readLink(resolvConf);
    if (target !== undefined && (filledAtBoot.test(absoluteTarget(target)) || rootFs.stat(resolvConf) === undefined)) {
      const evidence = [{ path: resolvConf, text: `-> ${target}` }];
      return { state: 'link', evidence, nameServers: [], ...common, unread };
    }
    const nameServers = attempt(() => nameServersOf(rootFs, resolvConf));
    if (nameServers === undefined) return { state: 'absent', evidence: [], nameServers: [], ...common, unread };
    const evidence = [{ path: resolvConf }];
    if (isCouldNotRead(nameServers))
      return { state: nameServers, evidence, nameServers: [], ...common, unread: [nameServers, ...unread] };
    return { state: nameServers.length > 0 ? 'static' : 'empty', evidence, nameServers, ...common, unread };
  },
});

/** Reads `nameserver` lines as the C library does (resolv/res_init.c): the keyword stands at the start of a line. */
function nameServersOf(rootFs: FactContext['rootFs'], path: string): readonly NameServer[] | undefined {
  return rootFs
    .readText(path)
    ?.split('\n')
    .flatMap((text, index) => {
      const address = /^nameserver[ \t]+([^\s#;]+)/.exec(text)?.[1];
      if (address === undefined) return [];
      const isLocal = /^127\./.test(address) || address === '::1';
      return [{ address, isLocal, evidence: { path, line: index + 1, text: text.trimEnd() } }];
    });
}

function absoluteTarget(target: string): string {
  const parts: string[] = [];
  for (const part of (target.startsWith('/') ? target : `/etc/${target}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
