/** A version from which on something works or is accepted. */
export interface MinimumVersion {
  readonly version: string;
  /** Day of the source. */
  readonly asOf: string;
  readonly source: string;
}

export const minimumVersions = {
  /** Older agents get no support. */
  agent: {
    version: '2.2.53.1',
    asOf: '2025-09-15',
    source: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/support-extensions-agent-version',
  },
  /** Older agents cannot update themselves. */
  selfUpdatingAgent: {
    version: '2.1.7',
    asOf: '2025-08-18',
    source: 'https://learn.microsoft.com/azure/virtual-machines/extensions/update-linux-agent',
  },
  /** Older ones need a UDF driver and the temporary disk for the first boot. */
  cloudInit: {
    version: '21.2',
    asOf: '2025-03-20',
    source: 'https://learn.microsoft.com/azure/virtual-machines/linux/using-cloud-init',
  },
  /** Older ones break on tags of the VM that are not ASCII. */
  cloudInitForTags: {
    version: '20.3',
    asOf: '2024-06-03',
    source: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-vm-deployment-issues',
  },
  /** Older ones do not set up accelerated networking. */
  cloudInitForAcceleratedNetworking: {
    version: '19.4',
    asOf: '2023-04-18',
    source: 'https://learn.microsoft.com/azure/virtual-network/accelerated-networking-overview',
  },
  openssl: {
    version: '3.0.0',
    asOf: '2021-09-27',
    source: 'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  },
  /** What certification wants of the system's interpreter. */
  python: {
    version: '3.9',
    asOf: '2021-09-27',
    source: 'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  },
  /** What the agent starts with. */
  pythonForAgent: {
    version: '2.6',
    asOf: '2025-08-18',
    source: 'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
  },
  /** Older ones let anybody on the network run programs as root: CVE-2021-38647. */
  omi: {
    version: '1.6.8.1',
    asOf: '2021-09-14',
    source: 'https://msrc.microsoft.com/update-guide/vulnerability/CVE-2021-38647',
  },
} satisfies Readonly<Record<string, MinimumVersion>>;

/** Releases of OpenSSL before the minimum that are accepted all the same, whatever letter they end in. */
export const acceptedOlderOpenssl: readonly string[] = ['1.1.1', '1.0.2'];
