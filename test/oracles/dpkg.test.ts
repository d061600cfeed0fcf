import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareDebVersions } from '../../src/formats/deb-version.ts';
import { parseDpkgStatus } from '../../src/formats/dpkg-status.ts';
import { describeOracle, oraclePath, runProgram } from './oracle.ts';

const query = 'usr/bin/dpkg-query';
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format.
const shown = '${Package}|${Architecture}|${Version}|${db:Status-Status}\n';

function packagesIn(folder: string): readonly string[] {
  const { status, stdout, stderr } = runProgram(query, [`--admindir=${folder}`, '--show', `--showformat=${shown}`]);
  if (status !== 0) throw new Error(`dpkg-query ended with status ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

function packagesOf(text: string): readonly string[] {
  return parseDpkgStatus(text)
    .packages.map(({ name, architecture, version, state }) => `${name}|${architecture ?? ''}|${version ?? ''}|${state}`)
    .sort();
}

describeOracle('dpkg-status on a real system', 'an installed Debian', [query, 'var/lib/dpkg/status'], () => {
  it('finds the packages that dpkg-query finds', () => {
    const folder = oraclePath('var/lib/dpkg');
    const expected = packagesIn(folder);
    expect(expected.length).toBeGreaterThan(100);
    expect(packagesOf(readFileSync(join(folder, 'status'), 'utf8'))).toEqual(expected);
  });
});

describeOracle('dpkg-status against dpkg-query', 'dpkg-query', [query], () => {
  it('finds the packages of generated databases', () => {
    const line = fc.constantFrom(
      'Status: install ok installed',
      'status:install ok installed',
      'Status: deinstall ok config-files',
      'Version: 1:2.7.3.0-1+deb12u1',
      'Version:\t3.0~rc1-2',
      'VERSION: 22.4.2',
      'Architecture: amd64',
      'Architecture: all',
      'Description: one\n two\n .\n three',
      'Conffiles:\n /etc/waagent.conf 2ad2c5f6c9 obsolete\n /etc/logrotate.d/waagent 9d0c',
      'Maintainer: a <a@example.org>',
      'X-Own: Package: nested',
    );
    const stanza = fc.tuple(fc.constantFrom('waagent', 'cloud-init', 'libssl3', 'omi'), fc.array(line));
    const stanzas = fc
      .uniqueArray(stanza, { selector: ([name]) => name, minLength: 1 })
      .map((list) => list.map(([name, lines]) => [`Package: ${name}`, ...distinct(lines)].join('\n')));
    const status = fc.tuple(stanzas, fc.constantFrom('\n\n', '\n\n\n'));
    const samples = fc.sample(status, { numRuns: 30, seed: 20260101 });
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-dpkg-'));
    try {
      mkdirSync(join(folder, 'info'));
      mkdirSync(join(folder, 'updates'));
      writeFileSync(join(folder, 'info', 'format'), '1\n');
      for (const [written, blank] of samples) {
        const text = `${written.map(complete).join(blank)}\n`;
        writeFileSync(join(folder, 'status'), text);
        expect({ text, packages: packagesOf(text) }).toEqual({ text, packages: packagesIn(folder) });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** A field once, as dpkg wants it, whatever the case of its name. */
function distinct(lines: readonly string[]): readonly string[] {
  const byName = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line]));
  return [...byName.values()];
}

/** dpkg refuses an installed package without version, architecture or status. */
function complete(stanza: string): string {
  const lines = stanza.split('\n');
  const has = (name: string) => lines.some((line) => line.toLowerCase().startsWith(`${name}:`));
  return [
    stanza,
    ...(has('status') ? [] : ['Status: install ok installed']),
    ...(has('version') ? [] : ['Version: 1']),
    ...(has('architecture') ? [] : ['Architecture: amd64']),
    ...(has('maintainer') ? [] : ['Maintainer: b']),
    ...(has('description') ? [] : ['Description: b']),
  ].join('\n');
}

const dpkg = 'usr/bin/dpkg';

describeOracle('deb-version against dpkg', 'dpkg', [dpkg], () => {
  it('orders as dpkg --compare-versions', () => {
    const piece = fc.constantFrom('0', '1', '2', '10', '01', '9', 'a', 'b', 'rc', 'Z', '.', '~', '~~', '+', 'deb12u3');
    const part = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
    const version = fc
      .tuple(fc.constantFrom('', '0:', '1:', '12:'), part, fc.constantFrom('', '-', '-1-'), part)
      .map(([epoch, upstream, hyphen, revision]) => `${epoch}1${upstream}${hyphen}${hyphen && `0${revision}`}`);
    const related = version.chain((one) =>
      fc.tuple(fc.constant(one), fc.oneof(version, fc.constant(`${one}~`), fc.constant(`${one}0`))),
    );
    const samples = fc.sample(related, { numRuns: 120, seed: 20260101 });
    // One shell for all: dpkg compares one pair a process.
    const script =
      'while read -r a b; do for o in lt gt eq; do "$@" --compare-versions "$a" $o "$b" && echo $o && break; done; done';
    const isArm = process.arch === 'arm64';
    const libraries = oraclePath(`usr/lib/${isArm ? 'aarch64' : 'x86_64'}-linux-gnu`);
    const loader = join(libraries, isArm ? 'ld-linux-aarch64.so.1' : 'ld-linux-x86-64.so.2');
    const input = samples.map((pair) => pair.join(' ')).join('\n');
    const { stdout } = spawnSync('sh', ['-c', script, 'sh', loader, '--library-path', libraries, oraclePath(dpkg)], {
      input: `${input}\n`,
      encoding: 'utf8',
    });
    const actual = samples.map(([left, right]) => ['lt', 'eq', 'gt'][Math.sign(compareDebVersions(left, right)) + 1]);
    const expected = stdout.trimEnd().split('\n');
    expect(samples.map((pair, index) => [...pair, actual[index]])).toEqual(
      samples.map((pair, index) => [...pair, expected[index]]),
    );
  });
});
