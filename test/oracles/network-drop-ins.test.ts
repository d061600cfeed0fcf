import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readDropIns } from '../../src/facts/first-nic/networkd.ts';
import { DirectoryTree } from '../../src/host/directory.ts';
import { TreeRootFs } from '../../src/image/tree-root-fs.ts';
import { describeOracle, runProgram } from './oracle.ts';

const analyze = 'usr/bin/systemd-analyze';
const directories = ['/etc', '/run', '/usr/local/lib', '/usr/lib'].map((parent) => `${parent}/systemd/network`);
const mainFile = '10-a.network';

/** A drop-in: its directory, its name, and its text; undefined for a link to /dev/null. */
const dropIn = fc.record({
  directory: fc.constantFrom(...directories),
  name: fc.constantFrom('a.conf', 'b.conf', '10-x.conf', '9-y.conf', 'B.conf', 'a.conf.bak', 'c.network', '.h.conf'),
  text: fc.option(fc.constantFrom('', '[Network]\nDHCP=yes\n'), { nil: undefined }),
});
const tree = fc.uniqueArray(dropIn, { maxLength: 8, selector: ({ directory, name }) => `${directory} ${name}` });

function lay(root: string, path: string, text: string | undefined): void {
  const place = join(root, path);
  mkdirSync(dirname(place), { recursive: true });
  if (text === undefined) symlinkSync('/dev/null', place);
  else writeFileSync(place, text);
}

describeOracle('drop-ins of *.network files against systemd', 'systemd-analyze', [analyze], () => {
  it('are those of systemd-analyze cat-config, in its order', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom(...directories), (dropIns, home) => {
        const root = realpathSync(mkdtempSync(join(tmpdir(), 'network-')));
        try {
          lay(root, `${home}/${mainFile}`, '[Match]\nName=eth0\n');
          for (const { directory, name, text } of dropIns) lay(root, `${directory}/${mainFile}.d/${name}`, text);
          const args = [`--root=${root}`, '--no-pager', 'cat-config', `systemd/network/${mainFile}`];
          const { stdout, stderr } = runProgram(analyze, args);
          const [first, ...shown] = [...stdout.matchAll(/^# (\/\S+)$/gm)].map(([, path]) => path?.slice(root.length));
          expect([first, stderr]).toEqual([`${home}/${mainFile}`, '']);
          const found = readDropIns(new TreeRootFs(new DirectoryTree(root)), mainFile);
          expect(found.dropIns.map(({ path }) => path)).toEqual(shown);
        } finally {
          rmSync(root, { recursive: true, force: true });
        }
      }),
      { numRuns: 30 },
    );
  });
});
