import { describe, expect, test } from '@jest/globals';
import type { Assessment } from '../../src/facts/first-boot/candidates.ts';
import { chosenProvisioner } from '../../src/facts/first-boot/chosen.ts';
import { predictGeneralized } from '../../src/facts/first-boot/predict.ts';
import type { Situation } from '../../src/facts/first-boot/prediction.ts';
import type { AgentRole } from '../../src/facts/first-boot.ts';

/** Every combination of what the agent does and what works besides, read or not. */
const roles: readonly AgentRole[] = [
  'absent',
  'provisions',
  'waits-for-cloud-init',
  'reports-ready-only',
  'conflict',
  'already-provisioned',
  'dead',
  'unknown',
];
const works = [true, false, undefined] as const;
interface State {
  readonly works: boolean | undefined;
  readonly present: boolean;
}
const states: readonly State[] = [
  { works: true, present: true },
  { works: false, present: true },
  { works: false, present: false },
  { works: undefined, present: true },
];

function* situations(): Generator<Situation> {
  const assess = (provisioner: Assessment['provisioner'], state: State): Assessment => ({
    provisioner,
    obstacles: state.works ? [] : ['an obstacle'],
    evidence: [],
    ...state,
  });
  for (const role of roles)
    for (const cloud of states)
      for (const init of states)
        for (const ignition of states)
          for (const created of works)
            for (const installed of role === 'absent' ? [true, false] : [true])
              yield {
                agent: { installed, role, reason: 'has a reason', evidence: [] },
                cloudInit: assess('cloud-init', cloud),
                azureInit: assess('azure-init', init),
                ignition: assess('ignition', ignition),
                custom: undefined,
                hostKey:
                  role === 'waits-for-cloud-init'
                    ? { type: 'rsa', path: '/etc/ssh/ssh_host_rsa_key.pub', created, reason: 'a reason', evidence: [] }
                    : undefined,
                ovfElsewhere: undefined,
                sleepMarker: undefined,
              };
}

describe('every combination', () => {
  const all = [...situations()].map((situation) => ({
    situation,
    chosen: chosenProvisioner(situation),
    prediction: predictGeneralized(situation),
  }));

  test('is ready by somebody, fails for something, or cannot be said', () => {
    for (const { prediction } of all) {
      const { outcome, provisioner, failure } = prediction;
      const shape = { somebody: provisioner !== 'none', something: failure !== undefined };
      expect({ outcome, ...shape }).toEqual({
        outcome,
        somebody: outcome === 'ready',
        something: outcome !== 'ready' && outcome !== 'unknown',
      });
    }
  });

  test('has one rule that owns its failure', () => {
    for (const { situation, chosen, prediction } of all) {
      const { failure = '' } = prediction;
      if (failure === 'cloud-init-cannot-run') {
        expect({ chosen, present: situation.cloudInit.present }).toEqual({ chosen: 'cloud-init', present: true });
      }
      if (failure.startsWith('agent-')) expect({ failure, chosen }).toEqual({ failure, chosen: 'waagent' });
    }
  });

  test('is provisioned by the one that is chosen', () => {
    for (const { chosen, prediction } of all) {
      if (prediction.outcome === 'ready') expect(prediction.provisioner).toBe(chosen);
    }
  });

  test('is never said for sure when what decides was not read', () => {
    for (const { situation, prediction } of all) {
      const { agent: duty, cloudInit: cloud, hostKey } = situation;
      const undecided = duty.role === 'unknown' || (duty.role !== 'conflict' && cloud.works === undefined);
      const keyUndecided = duty.role === 'waits-for-cloud-init' && cloud.works && hostKey?.created === undefined;
      if (undecided || keyUndecided) expect(prediction.outcome).toBe('unknown');
    }
  });
});
