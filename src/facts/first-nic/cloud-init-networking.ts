import type { FactContext } from '../../engine/define.ts';
import type { Evidence } from '../../engine/model.ts';
import { type CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import { cloudInit } from '../cloud-init.ts';
import { kernelCommandLine } from '../kernel-command-line.ts';
import { tryGet } from '../try-get.ts';

/** What keeps cloud-init from configuring the network. */
export interface CloudInitNetworkingOff {
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  /** cloud-init runs, and is told to leave the network alone. */
  readonly onPurpose: boolean;
}

/** What might hold a switch that {@link cloudInitNetworkingOff} did not find. */
export async function cloudInitNetworkingUnread(context: FactContext): Promise<readonly CouldNotRead[]> {
  const { installed, config, unread } = await context.get(cloudInit);
  return installed ? [...config.unread, ...unread] : [];
}

const upgraded = '/var/lib/cloud/data/upgraded-network';

/** cloudinit/stages.py `_find_networking_config`; undefined when cloud-init configures the network. */
export async function cloudInitNetworkingOff(context: FactContext): Promise<CloudInitNetworkingOff | undefined> {
  const state = await context.get(cloudInit);
  if (!state.installed) return { reason: 'cloud-init is not installed', evidence: [], onPurpose: false };
  const [obstacle] = state.obstacles;
  if (obstacle) {
    const reason = `cloud-init does not provision: ${obstacle.message}`;
    return { reason, evidence: obstacle.evidence, onPurpose: false };
  }
  const path = [
    ['network', 'config'],
    ['network', 'network', 'config'],
  ].find((keys) => state.config.get(...keys) === 'disabled');
  if (path !== undefined) {
    const origin = state.config.origin(...path) ?? state.config.origin('network');
    return {
      reason: 'network: {config: disabled} switches cloud-init networking off',
      evidence: origin ? [origin] : [],
      onPurpose: true,
    };
  }
  const commandLine = await tryGet(context, kernelCommandLine);
  const entries = isCouldNotRead(commandLine) ? [] : commandLine.defaults;
  const entry = entries.find(({ parameters }) => parameters.some(({ text }) => text === 'network-config=disabled'));
  if (entry !== undefined) {
    const reason = 'network-config=disabled on the kernel command line switches cloud-init networking off';
    return { reason, evidence: [entry.evidence], onPurpose: true };
  }
  if (context.rootFs.stat(upgraded)) {
    const reason = `${upgraded} switches cloud-init networking off`;
    return { reason, evidence: [{ path: upgraded }], onPurpose: true };
  }
  return undefined;
}
