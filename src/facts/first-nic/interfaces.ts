import type { Evidence } from '../../engine/model.ts';
import { type InterfacesFile, parseInterfaces, readInterfaceStanzas } from '../../formats/ifupdown.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { expandGlob } from '../expand-glob.ts';
import type { NetworkStack } from '../network-services.ts';
import { type Addressing, type Device, fitOf, matchesGlob, type NicProfile, placeProfile } from './nic.ts';

export interface InterfacesReading {
  readonly profiles: readonly NicProfile[];
  /** Debian's helper, which writes a DHCP stanza for each interface that udev reports. */
  readonly cloudHelper?: Evidence;
  readonly unread: readonly CouldNotRead[];
}

const mainFile = '/etc/network/interfaces';
const helper = '/etc/network/cloud-ifupdown-helper';
const helperRules = ['/etc', '/usr/lib', '/lib'].map((parent) => `${parent}/udev/rules.d/75-cloud-ifupdown.rules`);
/** Files of a sourced directory that count (`run-parts` names). */
const sourcedName = /^[a-zA-Z0-9_-]+$/;
const mostFiles = 200;

interface ReadFile {
  readonly path: string;
  readonly text: string;
  readonly content: InterfacesFile;
}

/** Interfaces of ifupdown: /etc/network/interfaces with all that it sources. */
export function readInterfaces(rootFs: RootFs, readBy: readonly NetworkStack[], nic: Device): InterfacesReading {
  const unread: CouldNotRead[] = [];
  const files = readAll(rootFs, unread);
  const started = files.flatMap(({ content }) => content.started);
  const profiles = files.flatMap(({ path, text, content }) =>
    readInterfaceStanzas(content).map((profile) => {
      const [name] = profile.names;
      const isStarted = started.some(
        ({ value, allow }) =>
          (allow === 'auto' || allow === 'hotplug') && matchesGlob(value.replace(/^\/|\/$/g, ''), name?.value ?? ''),
      );
      return placeProfile(path, text, profile, {
        tool: 'ifupdown',
        fit: fitOf(profile, nic),
        addressing: addressingOf(content, name?.value),
        readBy,
        ...(!isStarted && { idle: { value: 'neither auto nor allow-hotplug', line: profile.line } }),
      });
    }),
  );
  const isFile = (path: string) => {
    const status = attempt(() => rootFs.stat(path));
    if (isCouldNotRead(status)) unread.push(status);
    return !isCouldNotRead(status) && status?.type === 'file';
  };
  const hasHelper = isFile(helper);
  const rules = hasHelper ? helperRules.find(isFile) : undefined;
  return { profiles, unread, ...(rules !== undefined && { cloudHelper: { path: rules } }) };
}

function addressingOf({ stanzas }: InterfacesFile, name: string | undefined): Addressing {
  const methods = stanzas
    .filter((stanza) => stanza.name === name && stanza.family === 'inet')
    .map(({ method }) => method);
  if (methods.includes('dhcp')) return 'dhcp';
  return methods.includes('static') ? 'static' : 'none';
}

function readAll(rootFs: RootFs, unread: CouldNotRead[]): readonly ReadFile[] {
  const files: ReadFile[] = [];
  const read = (path: string): void => {
    if (files.length >= mostFiles || files.some((file) => file.path === path)) return;
    const text = attempt(() => rootFs.readText(path));
    if (text === undefined) return;
    if (isCouldNotRead(text)) {
      unread.push(text);
      return;
    }
    const content = parseInterfaces(text);
    files.push({ path, text, content });
    for (const { value } of content.sources) {
      const pattern = value.startsWith('/') ? value : `/etc/network/${value}`;
      const found = attempt(() => expandGlob(rootFs, pattern).flatMap((found) => filesAt(rootFs, found)));
      if (isCouldNotRead(found)) unread.push(found);
      else found.forEach(read);
    }
  };
  read(mainFile);
  return files;
}

/** `source-directory` names a directory, `source` files. */
function filesAt(rootFs: RootFs, path: string): readonly string[] {
  if (rootFs.stat(path)?.type !== 'directory') return [path];
  const names = (rootFs.readDir(path) ?? []).map(({ name }) => name).filter((name) => sourcedName.test(name));
  return names.map((name) => `${path}/${name}`);
}
