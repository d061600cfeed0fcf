import { defineRule, finding, judge, vendorRegistrations } from '../../src/rule-api.ts';

export default defineRule({
  id: 'generalization/vendor-registration',
  title: 'The registration of the build machine at its vendor is removed',
  severity: 'warning',
  rationale: 'All clones share one identity at the vendor: they overwrite each other there and use up one entitlement.',
  remediation: 'Unregister the machine with the tool of the vendor before it is captured.',
  fix: {
    rhel: ['subscription-manager unregister && subscription-manager clean'],
    suse: ['SUSEConnect --cleanup'],
    ubuntu: ['pro detach --assume-yes'],
  },
  references: ['https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd'],
  covers: ['gen-subscription-unregistered'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'], families: ['rhel', 'suse', 'oracle', 'ubuntu'] },
  facts: { vendorRegistrations },
  check({ vendorRegistrations: { registrations, unread } }) {
    const vendors = [...new Set(registrations.map(({ vendor }) => vendor))];
    const findings = vendors.map((vendor) => {
      const own = registrations.filter((registration) => registration.vendor === vendor);
      const what = [...new Set(own.map((registration) => registration.what))].join(', ');
      return finding(
        `the build machine is still registered with ${vendor} by ${what}`,
        own.map(({ evidence }) => evidence),
        { subject: vendor },
      );
    });
    return judge(findings, [], unread);
  },
});
