import type { Evidence } from '../../engine/model.ts';
import { parseSshdConfig, parseSshTime } from '../../formats/sshd-config.ts';
import { attempt, CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';
import type { SshServerConfiguration, SshServerSetting } from '../ssh-server.ts';

/** Files may include each other this deep (`SERVCONF_MAX_DEPTH` of servconf.c). */
const deepestInclude = 16;
/** Files that may be read in all: two that include each other twice would be 65,536. */
const mostFiles = 1000;

/** Options that a Match block cannot change (`SSHCFG_GLOBAL` of servconf.c) and that rules may ask for. */
const serverWide: ReadonlySet<string> = new Set(
  'addressfamily hostkey hostcertificate listenaddress logingracetime maxstartups port protocol strictmodes tcpkeepalive usedns usepam'.split(
    ' ',
  ),
);

interface GlobalOption extends SshServerSetting {
  readonly keyword: string;
  readonly inMatchAll: boolean;
}

/**
 * The options that hold for every connection: the first value of a keyword, unless a `Match all` block overrules it.
 * What stands behind a file that could not be read may be overruled by it, so asking for that throws the file's
 * `CouldNotRead`.
 */
export function readConfiguration(rootFs: RootFs, path: string | undefined): SshServerConfiguration {
  const steps = path === undefined ? [] : [...globalOptions(rootFs, path, 'global', { depth: 0, files: { count: 0 } })];
  const unread = steps.filter(isCouldNotRead);
  const inOrder = function* (keyword: string): Generator<GlobalOption> {
    for (const step of steps) {
      if (isCouldNotRead(step)) throw step;
      if (step.keyword === keyword.toLowerCase()) yield step;
    }
  };
  const all = (keyword: string): readonly SshServerSetting[] => [...inOrder(keyword)];
  const first = (keyword: string): SshServerSetting | undefined => {
    if (serverWide.has(keyword.toLowerCase()) || !steps.some((step) => !isCouldNotRead(step) && step.inMatchAll)) {
      const [option] = inOrder(keyword);
      return option;
    }
    const options = [...inOrder(keyword)];
    return options.find(({ inMatchAll }) => inMatchAll) ?? options[0];
  };
  const seconds = (keyword: string) => {
    const setting = first(keyword);
    return setting && { seconds: parseSshTime(setting.value), evidence: setting.evidence };
  };
  return { ...(path !== undefined && { path }), first, all, seconds, unread };
}

/**
 * Options in the order in which sshd meets them (`process_server_config_line_depth`). A Match block ends with its file;
 * a file that is included inside a block for some connections can never become global again.
 */
function* globalOptions(
  rootFs: RootFs,
  path: string,
  outside: 'global' | 'match-all',
  { depth, files }: { readonly depth: number; readonly files: { count: number } },
): Generator<GlobalOption | CouldNotRead> {
  if (files.count > mostFiles) return;
  if (depth > deepestInclude || ++files.count > mostFiles) {
    yield new CouldNotRead(path, 'sshd_config includes too many files');
    return;
  }
  const text = attempt(() => rootFs.readText(path));
  if (isCouldNotRead(text)) yield text;
  if (text === undefined || isCouldNotRead(text)) return;
  let scope: 'global' | 'match-all' | 'some-connections' = outside;
  for (const directive of parseSshdConfig(text).directives) {
    if (directive.kind === 'match') scope = directive.all ? 'match-all' : 'some-connections';
    else if (scope === 'some-connections') continue;
    else if (directive.kind === 'option') {
      const { keyword, args, line, text: written } = directive;
      const evidence: Evidence = { path, line, text: written };
      yield { keyword, value: args.join(' '), args, evidence, inMatchAll: scope === 'match-all' };
    } else {
      for (const pattern of directive.patterns) {
        const paths = attempt(() => expandGlob(rootFs, pattern));
        if (isCouldNotRead(paths)) yield paths;
        else for (const file of paths) yield* globalOptions(rootFs, file, scope, { depth: depth + 1, files });
      }
    }
  }
}
