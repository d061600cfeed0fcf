import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';

export interface EndpointProtection {
  readonly installed?: Evidence;
  /** The file that ties the machine to a tenant. */
  readonly onboarding?: Evidence;
}

const program = '/opt/microsoft/mdatp';
const onboardingFile = '/etc/opt/microsoft/mdatp/mdatp_onboard.json';

/** Microsoft Defender for Endpoint in the image. */
export const endpointProtection = defineFact<EndpointProtection>({
  id: 'endpoint-protection',
  description: 'Microsoft Defender for Endpoint: whether it is installed, and whether it is onboarded to a tenant.',
  reads: [program, onboardingFile],
  compute({ rootFs }) {
    const onboarding = rootFs.stat(onboardingFile);
    return {
      ...(rootFs.stat(program) && { installed: { path: program } }),
      ...(onboarding && onboarding.size > 0 && { onboarding: { path: onboardingFile } }),
    };
  },
});
