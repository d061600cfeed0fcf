import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type AptSource, parseAptList, parseAptStanzas } from '../formats/apt-sources.ts';
import { parseRepoFile } from '../formats/repo-file.ts';
import { withoutCredentials } from '../formats/url-credentials.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';

/** An enabled repository of packages. */
export interface Repository {
  /** Section of a *.repo file; the suite for apt. */
  readonly id: string;
  /** Address for apt; the first of `baseurl`, `mirrorlist` and `metalink` elsewhere; empty when there is none. */
  readonly uri: string;
  readonly evidence: Evidence;
}

export interface Repositories {
  /** Of dnf, yum, tdnf and zypper. */
  readonly rpm: readonly Repository[];
  readonly apt: readonly Repository[];
  /** `http_caching` of yum.conf. */
  readonly httpCaching?: { readonly value: string; readonly evidence: Evidence };
  /** /etc/yum.conf, when it exists. */
  readonly yumConf?: Evidence;
  readonly unread: readonly CouldNotRead[];
}

const rpmFolders = ['/etc/yum.repos.d', '/etc/zypp/repos.d', '/usr/etc/zypp/repos.d', '/etc/distro.repos.d'];
const aptFolder = '/etc/apt/sources.list.d';

/** Enabled repositories of all package managers. */
export const repositories = defineFact<Repositories>({
  id: 'repositories',
  description: 'Enabled repositories of apt, dnf, yum, tdnf and zypper.',
  reads: [
    '/etc/apt/sources.list',
    `${aptFolder}/*`,
    ...rpmFolders.map((folder) => `${folder}/*.repo`),
    '/etc/yum.conf',
  ],
  compute({ rootFs }) {
    const unread: CouldNotRead[] = [];
    const all = <T>(read: () => readonly T[]): readonly T[] => {
      const found = attempt(read);
      if (!isCouldNotRead(found)) return found;
      unread.push(found);
      return [];
    };
    const inFolder = (folder: string, ending: RegExp) =>
      all(() => rootFs.readDir(folder) ?? [])
        .filter(({ name }) => ending.test(name))
        .map(({ name }) => `${folder}/${name}`);
    const rpm = rpmFolders
      .flatMap((folder) => inFolder(folder, /\.repo$/))
      .flatMap((path) => all(() => ofRepoFile(rootFs, path)));
    const apt = ['/etc/apt/sources.list', ...inFolder(aptFolder, /\.(?:list|sources)$/)].flatMap((path) =>
      all(() => ofAptFile(rootFs, path)),
    );
    const yum = all(() => yumCaching(rootFs))[0];
    return { rpm, apt, ...yum, unread };
  },
});

function ofRepoFile(rootFs: RootFs, path: string): readonly Repository[] {
  return parseRepoFile(rootFs.readText(path) ?? '')
    .filter(({ id, enabled }) => enabled && id !== 'main')
    .map(({ id, values, line }) => ({
      id,
      uri: withoutCredentials(values.get('baseurl') ?? values.get('mirrorlist') ?? values.get('metalink') ?? ''),
      evidence: { path, line, text: `[${id}]` },
    }));
}

function ofAptFile(rootFs: RootFs, path: string): readonly Repository[] {
  const text = rootFs.readText(path) ?? '';
  const { sources } = path.endsWith('.sources') ? parseAptStanzas(text) : parseAptList(text);
  return sources.map((source: AptSource) => {
    const uri = withoutCredentials(source.uri);
    return { id: source.suite, uri, evidence: { path, line: source.line, text: `${uri} ${source.suite}` } };
  });
}

function yumCaching(rootFs: RootFs): readonly Pick<Repositories, 'httpCaching' | 'yumConf'>[] {
  const path = '/etc/yum.conf';
  const text = rootFs.readText(path);
  if (text === undefined) return [];
  const value = parseRepoFile(text)
    .find(({ id }) => id === 'main')
    ?.values.get('http_caching');
  return [{ yumConf: { path }, ...(value !== undefined && { httpCaching: { value, evidence: { path } } }) }];
}
