import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { expandGlob } from './expand-glob.ts';

/** A file that ties the machine to an account at its vendor. */
export interface VendorRegistration {
  readonly vendor: string;
  /** What the file is, as a noun phrase. */
  readonly what: string;
  readonly evidence: Evidence;
}

export interface VendorRegistrations {
  readonly registrations: readonly VendorRegistration[];
  readonly unread: readonly CouldNotRead[];
}

const places: readonly { readonly vendor: string; readonly what: string; readonly pattern: string }[] = [
  { vendor: 'Red Hat', what: 'the system identity', pattern: '/etc/pki/consumer/cert.pem' },
  { vendor: 'Red Hat', what: 'the key of the system identity', pattern: '/etc/pki/consumer/key.pem' },
  { vendor: 'Red Hat', what: 'an entitlement certificate', pattern: '/etc/pki/entitlement/*.pem' },
  { vendor: 'Red Hat', what: 'the system identity for Satellite 5', pattern: '/etc/sysconfig/rhn/systemid' },
  { vendor: 'Red Hat', what: 'the identity for Insights', pattern: '/etc/insights-client/machine-id' },
  { vendor: 'SUSE', what: 'the credentials of the customer center', pattern: '/etc/zypp/credentials.d/SCCcredentials' },
  { vendor: 'SUSE', what: 'the registration settings', pattern: '/etc/SUSEConnect' },
  { vendor: 'Ubuntu Pro', what: 'the machine token', pattern: '/var/lib/ubuntu-advantage/private/machine-token.json' },
];

/**
 * Registrations that the vendors' own tools leave behind. Certificates of RHUI, which pay-as-you-go images of Red Hat
 * carry, belong to the image and not to a machine.
 */
export const vendorRegistrations = defineFact<VendorRegistrations>({
  id: 'vendor-registrations',
  description: 'Files that register the machine with Red Hat, SUSE or Ubuntu Pro.',
  reads: places.map(({ pattern }) => pattern),
  compute({ rootFs }) {
    const unread: CouldNotRead[] = [];
    const registrations = places.flatMap(({ vendor, what, pattern }) => {
      const files = attempt(() =>
        expandGlob(rootFs, pattern).filter((path) => {
          const status = rootFs.stat(path);
          return status?.type === 'file' && status.size > 0;
        }),
      );
      if (!isCouldNotRead(files)) return files.map((path) => ({ vendor, what, evidence: { path } }));
      unread.push(files);
      return [];
    });
    return { registrations, unread };
  },
});
