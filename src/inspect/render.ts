import { forTerminal } from '../reports/escape.ts';
import { hanging, plural, widthOf } from '../reports/layout.ts';
import { type Inspection, isUnread, type UnitInspection, type Unread } from './collect.ts';
import type { DiskInspection } from './disk.ts';
import { type Page, row } from './page.ts';
import { diskSections } from './render-disk.ts';

/** An inspection as a page to read. */
export function renderInspection(inspection: Inspection, page: Page): string {
  const sections = [
    systemLines(inspection, page),
    ...(inspection.disk ? diskSections(inspection.disk, page) : []),
    section('First boot', inspection.firstBoot, page, firstBootLines),
    section('Boot entries', inspection.bootEntries, page, bootEntryLines),
    section('Azure Linux Agent', inspection.agent, page, agentLines),
    section('cloud-init', inspection.cloudInit, page, cloudInitLines),
    section('Accounts', inspection.accounts, page, accountLines),
    section('Units', inspection.units, page, unitLines),
  ];
  return pageOf(sections);
}

/** A disk without a root, which is all there is to see of the target. */
export function renderDisk(
  { target, disk }: { readonly target: string; readonly disk: DiskInspection },
  page: Page,
): string {
  const head = [page.palette.bold('System'), row('target', `${target} (disk)`, page), row('root', 'none found', page)];
  return pageOf([head, ...diskSections(disk, page)]);
}

function pageOf(sections: readonly (readonly string[])[]): string {
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

type Seen<T> = Exclude<T, Unread>;

function section<T>(
  title: string,
  value: T | Unread,
  page: Page,
  lines: (value: Seen<T>, page: Page) => readonly string[],
): readonly string[] {
  const head = page.palette.bold(title);
  if (isUnread(value)) return [head, row('not read', value.unread, page)];
  // Only Unread has been taken out of the union.
  return [head, ...lines(value as Seen<T>, page)];
}

function systemLines({ target, kind, distribution, architecture, kernels }: Inspection, page: Page): readonly string[] {
  const said = <T>(value: T | Unread, tell: (value: Seen<T>) => string) =>
    // As in `section`.
    isUnread(value) ? `not read: ${value.unread}` : tell(value as Seen<T>);
  return [
    page.palette.bold('System'),
    row('target', `${target} (${kind})`, page),
    row(
      'distribution',
      said(distribution, (found) =>
        found === null
          ? 'none named'
          : `${found.prettyName ?? found.id} (${found.id} ${found.versionId ?? ''}, family ${found.family})`,
      ),
      page,
    ),
    row(
      'architecture',
      said(architecture, (found) => found ?? 'not known'),
      page,
    ),
    row(
      'kernels',
      said(kernels, (found) => found.join(', ') || 'none found'),
      page,
    ),
  ];
}

function firstBootLines(boot: Seen<Inspection['firstBoot']>, page: Page): readonly string[] {
  return (['generalized', 'specialized'] as const).flatMap((imageType) => {
    const { outcome, summary, steps, evidence } = boot[imageType];
    const good = outcome === 'ready' || outcome === 'boots-as-is';
    const paint = good ? page.palette.good : page.palette.error;
    const places = evidence.map(({ path, line }) => (line === undefined ? path : `${path}:${line}`));
    return [
      row(imageType, summary, page).replace(/(?<=^.{16})(.*)$/gm, (_, text: string) => paint(text)),
      ...steps.map((step, index) => hanging(`${' '.repeat(16)}${index + 1}. `, forTerminal(step), page.columns)),
      ...(places.length > 0
        ? [page.palette.dim(hanging(`${' '.repeat(16)}by `, forTerminal(places.join(', ')), page.columns))]
        : []),
    ];
  });
}

function bootEntryLines(entries: Seen<Inspection['bootEntries']>, page: Page): readonly string[] {
  if (entries.length === 0) return ['  none found'];
  return entries.flatMap(({ title, isDefault, kernel, commandLine, evidence }) => [
    `  ${isDefault ? page.palette.good('default') : '       '}  ${page.palette.bold(forTerminal(title))}`,
    row('kernel', kernel ?? 'not named', page),
    row('parameters', commandLine, page),
    row('from', evidence.line === undefined ? evidence.path : `${evidence.path}:${evidence.line}`, page),
  ]);
}

/** Keys that decide who provisions and what the agent leaves behind. */
const agentHighlights =
  /^(Provisioning\.|ResourceDisk\.(Format|EnableSwap)|AutoUpdate\.|Extensions\.Enabled|OS\.(SshDir|EnableFIPS|EnableFirewall))/;

function agentLines(agent: Seen<Inspection['agent']>, page: Page): readonly string[] {
  if (!agent.installed) return ['  not installed'];
  const lines = [row('version', agent.version ?? 'not known', page), row('service', unitText(agent.service), page)];
  if (agent.markers.length > 0) lines.push(row('markers', agent.markers.join(', '), page));
  if (isUnread(agent.configuration)) return [...lines, row('configuration', agent.configuration.unread, page)];
  lines.push(row('configuration', agent.configuration.path, page));
  for (const { key, value, evidence } of agent.configuration.assignments.filter((item) =>
    agentHighlights.test(item.key),
  )) {
    const place = page.palette.dim(evidence.line === undefined ? '' : `line ${evidence.line}`);
    lines.push(`    ${forTerminal(`${key}=${value}`).padEnd(48)} ${place}`.trimEnd());
  }
  return lines;
}

function cloudInitLines(cloudInit: Seen<Inspection['cloudInit']>, page: Page): readonly string[] {
  if (!cloudInit.installed) return ['  not installed'];
  const { version, dataSource, stages, files, switches, obstacles, unread } = cloudInit;
  return [
    row('version', version ?? 'not known', page),
    row('data source', `${dataSource.result}: ${dataSource.reason}`, page),
    ...stages.map((stage) => row('stage', unitText(stage), page)),
    ...files.map(({ path, state, problem }) =>
      row('file', `${path} (${state}${problem ? `, line ${problem.line}: ${problem.message}` : ''})`, page),
    ),
    ...switches.map(({ kind, effective, evidence }) =>
      row('switched off', `${kind} by ${evidence.path}${effective ? '' : ' (not in effect)'}`, page),
    ),
    ...obstacles.map((message) => row('obstacle', message, page)),
    ...unread.map((message) => row('not read', message, page)),
  ];
}

function accountLines({ accounts, sudo, unread }: Seen<Inspection['accounts']>, page: Page): readonly string[] {
  const people = accounts.map((account) => {
    const password = isUnread(account.password) ? 'not read' : account.password;
    const facts = [
      `uid ${account.uid}`,
      account.shell || 'no shell',
      `password ${password}`,
      plural(account.authorizedKeys, 'authorized key'),
      ...(account.unreadKeys.length > 0 ? ['some keys not read'] : []),
      ...(account.sudo ? ['sudo'] : []),
    ];
    return row(account.name, facts.join(', '), page);
  });
  const grants = sudo.map(({ subject, passwordless, evidence }) => {
    const place = evidence.line === undefined ? evidence.path : `${evidence.path}:${evidence.line}`;
    return row('sudo', `${subject}${passwordless ? ' without a password' : ''} (${place})`, page);
  });
  return [...people, ...grants, ...unread.map((message) => row('not read', message, page))];
}

function unitLines(units: Seen<Inspection['units']>, page: Page): readonly string[] {
  if (units.length === 0) return ['  none of those looked for'];
  const width = Math.max(...units.map(({ name }) => widthOf(name)));
  return units.map((unit) => {
    if (isUnread(unit)) return row(unit.name, `not read: ${unit.unread}`, page);
    const starts = unit.startsAtBoot ? page.palette.good('starts at boot') : 'does not start';
    return `  ${forTerminal(unit.name).padEnd(width)}  ${unit.state.padEnd(9)} ${starts}`;
  });
}

function unitText({ name, state, startsAtBoot, path }: UnitInspection): string {
  return `${name} ${state}, ${startsAtBoot ? 'starts at boot' : 'does not start'}${path ? ` (${path})` : ''}`;
}
