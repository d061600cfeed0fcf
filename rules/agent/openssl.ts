import {
  acceptedOlderOpenssl,
  agent,
  compareDottedVersions,
  defineRule,
  executables,
  type FindingDraft,
  finding,
  firstBoot,
  installPackages,
  isCouldNotRead,
  judge,
  minimumVersions,
  notApplicable,
  opensslVersion,
  packages,
  unknown,
} from '../../src/rule-api.ts';

const { version: minimum, asOf } = minimumVersions.openssl;

/** By the name of a library only the branch is known, and each branch has a release that is accepted. */
function isAccepted({ text, isExact }: { readonly text: string; readonly isExact: boolean }): boolean {
  if (compareDottedVersions(text, minimum) >= 0) return true;
  if (isExact) return acceptedOlderOpenssl.some((older) => text === older || text.replace(/[a-z].*$/, '') === older);
  return acceptedOlderOpenssl.some((older) => older.startsWith(text));
}

export default defineRule({
  id: 'agent/openssl',
  title: 'The openssl program that the agent calls exists and is current',
  severity: 'error',
  rationale:
    'The agent makes its transport certificate with openssl when it starts and decrypts the protected settings of VM extensions with it: without it provisioning by the agent fails on the first boot.',
  remediation: 'Install openssl, and correct OS.OpensslPath in waagent.conf.',
  fix: installPackages('openssl'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/provisioning',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/conf.py',
  ],
  covers: ['agent-openssl'],
  lisa: ['azure_image_standard.verify_openssl_version'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, executables, opensslVersion, packages, firstBoot },
  check(
    {
      agent: { installed, inSystemExtension, configuration },
      executables: programs,
      opensslVersion: found,
      packages: database,
      firstBoot: { chosen },
    },
    intent,
  ) {
    if (inSystemExtension) return notApplicable('a system extension brings the agent with what it needs');
    if (!installed) return notApplicable('the agent is not installed');
    if (isCouldNotRead(configuration)) return unknown(configuration.message);
    const setting = 'defect' in configuration ? undefined : configuration.string('OS.OpensslPath');
    const path = setting?.value || '/usr/bin/openssl';
    const program = programs.at(path);
    const findings: FindingDraft[] = [];
    if (!program) {
      const severity = chosen === 'waagent' && intent.imageType === 'generalized' ? 'error' : 'warning';
      const who = setting?.evidence ? `OS.OpensslPath names ${path}` : `the agent calls ${path}`;
      findings.push(finding(`${who}, which is no executable file here`, setting?.evidence ?? { path }, { severity }));
    }
    if (found && !isAccepted(found)) {
      const wanted = `${minimum} or ${acceptedOlderOpenssl.join(' or ')} is wanted (as of ${asOf})`;
      findings.push(finding(`OpenSSL is ${found.text}, but ${wanted}`, found.evidence, { severity: 'warning' }));
    }
    return judge(
      findings,
      [...(program ? [program] : []), ...(found ? [found.evidence] : [])],
      isCouldNotRead(database.state) ? [database.state] : [],
    );
  },
});
