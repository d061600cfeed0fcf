import { type Judgement, notApplicable, unknown } from '../../engine/define.ts';
import { isCouldNotRead } from '../../image/could-not-read.ts';
import type { Agent, AgentConfiguration } from '../agent.ts';

/** The agent's configuration, or the verdict of a rule that is about its settings and has none. */
export function usableConfiguration({ installed, configuration }: Agent): AgentConfiguration | Judgement {
  if (!installed) return notApplicable('the agent is not installed');
  if (isCouldNotRead(configuration)) return unknown(configuration.message);
  if ('defect' in configuration) return notApplicable('there is no configuration that the agent could read');
  return configuration;
}
