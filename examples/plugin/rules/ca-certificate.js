import { defineRule, finding, judge } from 'vhd-preflight';
import { trustAnchors } from '../facts/trust-anchors.js';

export default defineRule({
  id: 'corp/ca-certificate',
  title: 'The root certificate of the company is in the trust store',
  severity: 'error',
  rationale: 'Behind the proxy of the company no package and no extension can be downloaded, from the first boot on.',
  remediation: 'Put the certificate into the trust store and update it.',
  fix: {
    debian: ['cp corp-root-ca.crt /usr/local/share/ca-certificates/', 'update-ca-certificates'],
    rhel: ['cp corp-root-ca.crt /etc/pki/ca-trust/source/anchors/', 'update-ca-trust'],
  },
  references: [],
  covers: [],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { families: ['debian', 'ubuntu', 'rhel'] },
  url: 'https://example.com/images/ca-certificate',
  facts: { trustAnchors },
  check({ trustAnchors: { anchors, unread } }) {
    const found = anchors.filter(({ path }) => /\/corp-root-ca\.(?:crt|pem)$/.test(path));
    const places = found.map(({ path }) => ({ path }));
    const missing = finding(
      `corp-root-ca is not among the ${anchors.length} certificates that were added to the trust store`,
      anchors.map(({ path }) => ({ path })),
      { restsOnAbsence: true },
    );
    return judge(found.length > 0 ? [] : [missing], places, unread);
  },
});
