import { attempt, defineFact, partition } from 'vhd-preflight';

/** Folders whose certificates update-ca-certificates and update-ca-trust add to those of the distribution. */
const folders = [
  '/usr/local/share/ca-certificates',
  '/etc/pki/ca-trust/source/anchors',
  '/usr/share/pki/ca-trust-source/anchors',
  '/etc/pki/trust/anchors',
];

/** A fact describes and does not judge: what is there, and what could not be read. */
export const trustAnchors = defineFact({
  id: 'corp/trust-anchors',
  description: 'Certificates that were added to the trust store.',
  reads: folders.map((folder) => `${folder}/*`),
  compute({ rootFs }) {
    const paths = folders.flatMap((folder) => (rootFs.readDir(folder) ?? []).map(({ name }) => `${folder}/${name}`));
    const files = paths.filter((path) => rootFs.stat(path)?.type === 'file');
    const { read, unread } = partition(
      files.map((path) => attempt(() => ({ path, text: rootFs.readText(path) ?? '' }))),
    );
    return { anchors: read.filter(({ text }) => text.includes('-----BEGIN CERTIFICATE-----')), unread };
  },
});
