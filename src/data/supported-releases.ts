/**
 * Releases by `ID` of os-release. A release is written as a version or its first parts (`9` takes 9.5 too), with `+` for
 * this and later ones of the same major version, with `>=` for everything from there on, or as `FROM..TO`.
 */
export type ReleaseList = Readonly<Record<string, readonly string[]>>;

export interface SupportedReleases {
  /** What is supported, to go on with "the list of releases for". */
  readonly subject: string;
  /** Day of the source. */
  readonly asOf: string;
  readonly source: string;
  readonly releases: ReleaseList;
}

const any = ['>=0'];

/** `SLES for SAP` follows the entry of SLES unless it has one of its own. */
export const supportedReleases = {
  endorsement: {
    subject: 'endorsed distributions',
    asOf: '2024-11-14',
    source: 'https://learn.microsoft.com/azure/virtual-machines/linux/endorsed-distros',
    releases: {
      almalinux: any,
      azurelinux: any,
      debian: any,
      flatcar: any,
      mariner: any,
      ol: any,
      // SUSE publishes it beside its own enterprise releases.
      'opensuse-leap': any,
      rhel: any,
      rocky: any,
      sles: any,
      ubuntu: any,
    },
  },
  agent: {
    subject: 'the Azure Linux Agent on x86_64',
    asOf: '2025-08-18',
    source: 'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    releases: {
      almalinux: ['>=8'],
      azurelinux: ['>=3'],
      debian: ['>=10'],
      flatcar: ['>=3374.2'],
      mariner: ['2'],
      ol: ['>=6.4'],
      'opensuse-leap': ['>=15'],
      rhel: ['>=6.7'],
      rocky: ['>=8'],
      sles: ['>=12'],
      ubuntu: ['>=16.04'],
    },
  },
  agentOnArm: {
    subject: 'the Azure Linux Agent on aarch64',
    asOf: '2025-08-18',
    source: 'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    releases: {
      azurelinux: ['>=3'],
      debian: ['>=11'],
      flatcar: any,
      mariner: ['2'],
      rhel: ['8.6+', '>=9'],
      sles: ['15.4+', '>=16'],
      ubuntu: ['>=20.04'],
    },
  },
  cloudInit: {
    subject: 'cloud-init on Azure',
    asOf: '2025-03-20',
    source: 'https://learn.microsoft.com/azure/virtual-machines/linux/using-cloud-init',
    releases: {
      almalinux: ['>=8'],
      azurelinux: any,
      debian: ['>=10'],
      mariner: any,
      ol: ['7.7+', '8.1+', '>=9'],
      'opensuse-leap': ['>=15'],
      rhel: ['7.7+', '8.1+', '>=9'],
      rocky: ['>=8'],
      sles: ['12.5+', '15.1+', '>=16'],
      ubuntu: ['>=20.04'],
    },
  },
  trustedLaunch: {
    subject: 'Trusted Launch',
    asOf: '2025-04-21',
    source: 'https://learn.microsoft.com/azure/virtual-machines/trusted-launch',
    releases: {
      almalinux: ['8.7', '8.8', '9.0'],
      azurelinux: ['3'],
      debian: ['11', '12'],
      mariner: ['1', '2'],
      ol: ['8.3..8.8', '9.0', '9.1'],
      rhel: ['8.6', '8.8', '8.10', '9.4..9.6'],
      rocky: ['8.6', '8.10', '9.2', '9.4', '9.6'],
      sles: ['15.3..15.5'],
      // The list ends at 23.10; Canonical publishes later releases for Trusted Launch.
      ubuntu: ['18.04..22.04', '23.04', '23.10', '>=24.04'],
    },
  },
  nvme: {
    subject: 'the NVMe interface',
    asOf: '2026-06-18',
    source: 'https://learn.microsoft.com/azure/virtual-machines/enable-nvme-interface',
    releases: {
      almalinux: ['8', '9'],
      azurelinux: ['3'],
      debian: ['11', '12'],
      ol: ['7.9', '8.5+', '9'],
      rhel: ['7.9', '8.6+', '9'],
      rocky: ['8.10', '9.6'],
      sles: ['15.4+'],
      sles_sap: ['15.3+'],
      ubuntu: ['18.04..24.04'],
    },
  },
  acceleratedNetworking: {
    subject: 'accelerated networking',
    asOf: '2023-04-18',
    source: 'https://learn.microsoft.com/azure/virtual-network/accelerated-networking-overview',
    releases: {
      almalinux: any,
      azurelinux: any,
      centos: ['>=7.4'],
      debian: ['>=10'],
      flatcar: any,
      mariner: any,
      ol: ['>=7.4'],
      rhel: ['>=7.4'],
      rocky: any,
      sles: ['>=12.3'],
      ubuntu: ['>=16.04'],
    },
  },
} satisfies Readonly<Record<string, SupportedReleases>>;
