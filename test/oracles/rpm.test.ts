import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readBerkeleyHash } from '../../src/formats/berkeley-hash.ts';
import { sourceOf } from '../../src/formats/byte-source.ts';
import { parseRpmHeader, rpmFiles } from '../../src/formats/rpm-header.ts';
import { compareRpmVersions } from '../../src/formats/rpm-version.ts';
import { openSqlite } from '../../src/formats/sqlite.ts';
import { describeOracle, oraclePath, runProgram, runPython } from './oracle.ts';

const rpm = 'usr/bin/rpm';
const rpmbuild = 'usr/bin/rpmbuild';
const env = { RPM_CONFIGDIR: oraclePath('usr/lib/rpm') };

describeOracle('rpm-version against rpm', 'rpm', [rpm], () => {
  it('orders as rpm does', () => {
    const piece = fc.constantFrom('0', '1', '2', '10', '01', '9', 'a', 'b', 'rc', 'Z', '.', '~', '^', '_', '+', 'el9');
    const part = fc.array(piece, { maxLength: 5 }).map((pieces) => `1${pieces.join('')}`);
    const version = fc
      .tuple(fc.constantFrom('', '0:', '1:', '12:'), part, fc.option(part, { nil: undefined }))
      .map(([epoch, one, release]) => `${epoch}${one}${release === undefined ? '' : `-${release}`}`);
    const related = version.chain((one) =>
      fc.tuple(fc.constant(one), fc.oneof(version, ...['~', '^', '.', '0', 'a'].map((end) => fc.constant(one + end)))),
    );
    const samples = fc.sample(related, { numRuns: 400, seed: 20260101 });
    const pairs = samples.map(([left, right]) => `{"${left}","${right}"}`).join(',');
    const program = `%{lua: for _, p in ipairs({${pairs}}) do print(rpm.vercmp(p[1], p[2]) .. "\\n") end}`;
    const { status, stdout, stderr } = runProgram(rpm, ['--eval', program], { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const expected = stdout.trim().split(/\s+/);
    expect(samples.map(([left, right]) => `${left} ${right} ${Math.sign(compareRpmVersions(left, right))}`)).toEqual(
      samples.map(([left, right], index) => `${left} ${right} ${expected[index]}`),
    );
  });
});

/** Packages of one specification, some with what a reader trips over: an epoch, a tilde, a long text, no files. */
const specification = `
Name: demo
Version: 1.0
Release: 1
Summary: demo
License: MIT
BuildArch: noarch
%description
demo
%files
${['waagent', 'cloud-init', 'openssl', 'omi', 'bare']
  .map(
    (name, index) => `
%package -n ${name}
Version: ${['2.11.1.4~rc1', '23.4', '3.0.7^git1', '1.6.8.1', '0'][index]}
Release: ${index}.el9_${index}
${index === 2 ? 'Epoch: 1' : ''}
Summary: ${name}
%description -n ${name}
${'long text '.repeat(index * 900)}
${name === 'bare' ? '' : `%files -n ${name}\n/usr/bin/${name}\n/etc/${name}.conf\n/usr/bin/common-${name}`}`,
  )
  .join('\n')}
%install
for p in waagent cloud-init openssl omi; do
  mkdir -p %{buildroot}/usr/bin %{buildroot}/etc
  echo $p > %{buildroot}/usr/bin/$p
  echo $p > %{buildroot}/usr/bin/common-$p
  echo $p > %{buildroot}/etc/$p.conf
done
`;

/** As the query format of the test prints a package. */
function shown(blob: unknown): string {
  const bytes = blob instanceof Uint8Array ? blob : new Uint8Array();
  const { name, epoch, version, release, arch, installTime } = parseRpmHeader(bytes) ?? {};
  const files = rpmFiles(bytes).map((path) => `${path} `);
  return [name, epoch ?? '(none)', version, release, arch, installTime, files.join('')].join('|');
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** Puts the same headers into the database that rpm wrote before; rpm itself can only read it by now. */
const berkeleyWriter = `
import dbm.ndbm, json, os, sqlite3, struct
task = json.load(sys.stdin)
db = dbm.ndbm.open(task['to'], 'n')
db[struct.pack('<I', 0)] = struct.pack('<I', 1000)
for number, blob in sqlite3.connect(task['from']).execute('SELECT hnum, blob FROM Packages'):
    db[struct.pack('<I', number)] = blob
db.close()
os.rename(task['to'] + '.db', task['to'])
`;

describeOracle('rpm database against rpm', 'rpm and rpmbuild', [rpm, rpmbuild], () => {
  it('finds packages, versions and files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vhd-preflight-rpm-'));
    const run = (program: string, args: readonly string[]) => {
      const { status, stdout, stderr } = runProgram(program, args, { env });
      if (status !== 0) throw new Error(`${program} ended with status ${status}: ${stderr}`);
      return stdout;
    };
    try {
      writeFileSync(join(folder, 'demo.spec'), specification);
      run(rpmbuild, ['--define', `_topdir ${folder}`, '-bb', join(folder, 'demo.spec')]);
      const built = join(folder, 'RPMS', 'noarch');
      const packages = readdirSync(built).map((name) => join(built, name));
      const database = ['--dbpath', join(folder, 'db'), '--define', '_db_backend sqlite'];
      run(rpm, ['--install', '--justdb', '--nodeps', '--force', ...database, ...packages]);
      const format = '%{NAME}|%{EPOCH}|%{VERSION}|%{RELEASE}|%{ARCH}|%{INSTALLTIME}|[%{FILENAMES} ]\\n';
      const expected = linesOf(run(rpm, ['--query', '--all', '--queryformat', format, ...database]));

      const log = join(folder, 'db', 'rpmdb.sqlite-wal');
      const opened = openSqlite(
        sourceOf(readFileSync(join(folder, 'db', 'rpmdb.sqlite'))),
        existsSync(log) ? sourceOf(readFileSync(log)) : undefined,
      );
      if (typeof opened === 'string') throw new Error(opened);
      const actual = opened.rows('Packages').found.map(({ values: [, blob] }) => shown(blob));
      expect(expected.length).toBe(5);
      expect([...actual].sort()).toEqual(expected);
      const old = join(folder, 'old', 'Packages');
      mkdirSync(join(folder, 'old'));
      runPython(berkeleyWriter, JSON.stringify({ from: join(folder, 'db', 'rpmdb.sqlite'), to: old }));
      const oldDatabase = ['--dbpath', join(folder, 'old'), '--define', '_db_backend bdb_ro'];
      const read = run(rpm, ['--query', '--all', '--queryformat', format, ...oldDatabase]);
      const values = readBerkeleyHash(sourceOf(readFileSync(old)));
      if (typeof values === 'string') throw new Error(values);
      expect(linesOf(read)).toEqual(expected);
      expect(
        values
          .filter(({ length }) => length > 4)
          .map((value) => shown(value.read()))
          .sort(),
      ).toEqual(expected);

      const hnum = opened.find('Name_key_idx', 'openssl').found;
      const row = opened.rows('Name').found.find(({ rowId }) => rowId === hnum[0]);
      expect(row?.values[0]).toBe('openssl');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
