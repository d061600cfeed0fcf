/** One rule of the `filter` table's INPUT chain. */
export interface InputRule {
  readonly line: number;
  readonly text: string;
  /** `ACCEPT`, `DROP`, `REJECT`, or the name of another chain. */
  readonly target?: string;
  /** Ports and ranges of `--dport` and `--dports`; undefined when the rule is for any. */
  readonly ports?: readonly string[];
  /** Nothing else limits it but protocol and port. */
  readonly isPlain: boolean;
}

/** What a file for iptables-restore does to packets for this machine. */
export interface IptablesSave {
  /** Of the INPUT chain. */
  readonly policy: 'ACCEPT' | 'DROP' | undefined;
  readonly input: readonly InputRule[];
  /** Rules of all chains. */
  readonly ruleCount: number;
}

/** Reads the format of iptables-save(8): `*table`, `:CHAIN POLICY`, `-A CHAIN …`, `COMMIT`; `#` comments. */
export function parseIptablesSave(text: string): IptablesSave {
  let table = 'filter';
  let policy: IptablesSave['policy'];
  let ruleCount = 0;
  const input: InputRule[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line.startsWith('*')) table = line.slice(1);
    const declared = /^:INPUT\s+(ACCEPT|DROP)/.exec(line)?.[1];
    if (declared && table === 'filter') policy = declared === 'DROP' ? 'DROP' : 'ACCEPT';
    const words = line.split(/\s+/);
    if (words[0] !== '-A' && words[0] !== '-I') continue;
    ruleCount += 1;
    if (table === 'filter' && words[1] === 'INPUT') input.push(readRule(words.slice(2), index + 1, line));
  }
  return { policy, input, ruleCount };
}

const portOptions = ['--dport', '--dports', '--destination-port', '--destination-ports'];
/** Options of a rule for new connections over TCP from anywhere. */
const harmless = /^(?:-m|-p|-j|-c|--comment|--reject-with|--syn)$/;

function readRule(words: readonly string[], line: number, text: string): InputRule {
  let isPlain = true;
  let ports: readonly string[] | undefined;
  let target: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const [word = '', value = ''] = words.slice(index, index + 2);
    if (portOptions.includes(word)) ports = value.split(',');
    else if (word === '-j' || word === '-g' || word === '--jump') target = value;
    else if (word === '-p') isPlain &&= /^(?:tcp|all|6)$/.test(value);
    else if (word === '--state' || word === '--ctstate') isPlain &&= value.split(',').includes('NEW');
    else if (word === '!' || (word.startsWith('-') && !harmless.test(word))) isPlain = false;
  }
  return { line, text, isPlain, ...(target !== undefined && { target }), ...(ports && { ports }) };
}
