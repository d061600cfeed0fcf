import { defineFact, type Fact, type FactContext } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import { accounts } from './accounts.ts';
import { agent } from './agent.ts';
import { agentState } from './agent-state.ts';
import { cloudInitState } from './cloud-init-state.ts';
import { dhcpLeases } from './dhcp-leases.ts';
import { hostname } from './hostname.ts';
import { machineId } from './machine-id.ts';
import { sshServer } from './ssh-server.ts';
import { tryGet } from './try-get.ts';
import { waysToLogIn } from './ways-to-log-in.ts';

/** Something that a machine has only after it has been set up and run. */
export type SignKind =
  | 'machine-id'
  | 'cloud-init-instance'
  | 'agent-state'
  | 'host-keys'
  | 'account'
  | 'host-name'
  | 'dhcp-leases';

export interface SignOfUse {
  readonly kind: SignKind;
  /** A noun phrase for a list. */
  readonly description: string;
  readonly evidence: Evidence;
}

/** Each kind of sign counts once. */
export interface SignsOfUse {
  readonly signs: readonly SignOfUse[];
  /** Kinds that could not be looked for, with the reason. */
  readonly unseen: readonly { readonly kind: SignKind; readonly reason: CouldNotRead }[];
  /** Any account, root too, lets somebody in. */
  readonly someoneCanLogIn: boolean;
}

/** Whether the image is a machine that has lived, or one that waits to be set up. */
export const signsOfUse = defineFact<SignsOfUse>({
  id: 'signs-of-use',
  description:
    'Machine id, cloud-init instance, agent state, host keys, accounts, host name and leases of a used machine.',
  reads: [
    '/etc/machine-id',
    '/var/lib/cloud/instance',
    '/var/lib/waagent/*',
    '/etc/ssh/ssh_host_*',
    '/etc/passwd',
    '/etc/hostname',
  ],
  async compute(context) {
    const looks = await Promise.all(Object.entries(detectors).map(([kind, detect]) => look(kind, detect, context)));
    const everybody = await tryGet(context, accounts);
    return {
      signs: looks.flatMap(({ sign }) => (sign ? [sign] : [])),
      unseen: looks.flatMap(({ unseen }) => (unseen ? [unseen] : [])),
      someoneCanLogIn:
        !isCouldNotRead(everybody) && everybody.accounts.some((account) => waysToLogIn(account).ways.length > 0),
    };
  },
});

interface Detection {
  readonly description?: string;
  readonly evidence?: Evidence | undefined;
  readonly unread?: readonly CouldNotRead[];
}

type Detector = (get: <T>(fact: Fact<T>) => Promise<T>) => Promise<Detection>;

const detectors: Readonly<Record<SignKind, Detector>> = {
  'machine-id': async (get) => {
    const { etc } = await get(machineId);
    return { description: 'a machine id', evidence: etc.state === 'valid' ? etc.evidence : undefined };
  },
  'cloud-init-instance': async (get) => {
    const { instanceLink, instances, unread } = await get(cloudInitState);
    const path = instanceLink?.path ?? instances.find(({ hasObject }) => hasObject)?.path;
    return { description: 'a cloud-init instance', evidence: path === undefined ? undefined : { path }, unread };
  },
  'agent-state': async (get) => {
    const { provisionedMarker, markersUnread } = await get(agent);
    const { files, unread } = await get(agentState);
    const ovf = files.find(({ evidence }) => evidence.path.endsWith('/ovf-env.xml'));
    const all = markersUnread ? [markersUnread, ...unread] : unread;
    return { description: "the agent's provisioning state", evidence: provisionedMarker ?? ovf?.evidence, unread: all };
  },
  'host-keys': async (get) => {
    const key = (await get(sshServer)).hostKeys.find(({ isPublic }) => !isPublic);
    return { description: 'ssh host keys', evidence: key && { path: key.path } };
  },
  account: async (get) => {
    const { accounts: everybody, unread } = await get(accounts);
    const logins = everybody.filter(({ isHuman }) => isHuman).map((account) => ({ account, ...waysToLogIn(account) }));
    const login = logins.find(({ ways }) => ways.length > 0);
    return {
      description: `the account ${login?.account.name} with credentials`,
      evidence: login?.ways[0],
      unread: [...unread, ...logins.flatMap((one) => one.unread)],
    };
  },
  'host-name': async (get) => {
    const { specific, unread } = await get(hostname);
    return { description: `the host name ${specific?.name}`, evidence: specific?.evidence, unread };
  },
  'dhcp-leases': async (get) => {
    const { files, unread } = await get(dhcpLeases);
    return { description: 'DHCP leases', evidence: files.find(({ kind }) => kind === 'lease')?.evidence, unread };
  },
};

async function look(name: string, detect: Detector, context: FactContext) {
  // The keys of `detectors` are its kinds.
  const kind = name as SignKind;
  try {
    const { description = kind, evidence, unread = [] } = await detect((fact) => context.get(fact));
    if (evidence) return { sign: { kind, description, evidence } };
    const [reason] = unread;
    return reason ? { unseen: { kind, reason } } : {};
  } catch (error) {
    if (isCouldNotRead(error)) return { unseen: { kind, reason: error } };
    throw error;
  }
}
