import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { packages } from './packages.ts';

/** The OpenSSL that the image brings. */
export interface OpensslVersion {
  /** As the package or the library name gives it: `3.0.15`, `1.1.1k`, or only `1.1` by a library. */
  readonly text: string;
  /** By the library alone only the branch is known. */
  readonly isExact: boolean;
  readonly evidence: Evidence;
}

/** Ends of libcrypto's file name, and the branch that each means. */
const branches: readonly (readonly [suffix: string, branch: string])[] = [
  ['3', '3.0'],
  ['1.1', '1.1'],
  ['1.0.2', '1.0.2'],
  ['10', '1.0'],
  ['1.0.0', '1.0'],
  ['0.9.8', '0.9.8'],
];
const folders = ['/usr/lib64', '/lib64', '/usr/lib', '/lib'];
const multiarch = ['x86_64-linux-gnu', 'aarch64-linux-gnu'];

/** Undefined when neither a package nor a library of OpenSSL is found. */
export const opensslVersion = defineFact<OpensslVersion | undefined>({
  id: 'openssl-version',
  description: 'Version of OpenSSL by its package, else its branch by the name of libcrypto.',
  reads: ['/var/lib/dpkg/status', '/var/lib/rpm/*', '/usr/lib{,64}/libcrypto.so.*'],
  async compute(context) {
    const installed = await context.get(packages);
    if (!isCouldNotRead(installed.state)) {
      const found = installed.find('openssl', 'openssl-3', 'openssl-1_1', 'openssl-libs');
      if (found) return { text: found.version, isExact: true, evidence: found.evidence };
    }
    return libraryVersion(context.rootFs);
  },
});

function libraryVersion(rootFs: RootFs): OpensslVersion | undefined {
  const places = folders.flatMap((folder) => [folder, ...multiarch.map((name) => `${folder}/${name}`)]);
  for (const [suffix, branch] of branches) {
    const path = places.map((folder) => `${folder}/libcrypto.so.${suffix}`).find((file) => rootFs.stat(file));
    if (path !== undefined) return { text: branch, isExact: false, evidence: { path } };
  }
  return undefined;
}
