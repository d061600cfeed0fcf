import type { Evidence } from '../../engine/model.ts';
import type { RootFs } from '../../image/root-fs.ts';
import { dpkgDatabase } from '../packages/dpkg.ts';
import { pythonPackageDirectories } from '../python-packages.ts';

export interface AgentVersion {
  readonly text: string;
  readonly evidence: Evidence;
}

/** What setup.py and package builders leave next to the package or, for eggs, instead of it. */
const distributionName = /^WALinuxAgent-([0-9][0-9.]*[0-9])(?:-.*)?\.(?:egg|egg-info|dist-info)$/;

/**
 * Version of the agent: `AGENT_VERSION` in common/version.py of the Python package, else the name of its egg or
 * metadata, else the upstream part of the Debian package's version.
 */
export function agentVersion(rootFs: RootFs): AgentVersion | undefined {
  const named: AgentVersion[] = [];
  for (const directory of pythonPackageDirectories(rootFs)) {
    const names = (rootFs.readDir(directory) ?? []).map(({ name }) => name);
    const eggs = names.filter((name) => /^WALinuxAgent-.*\.egg$/.test(name)).map((name) => `${directory}/${name}`);
    for (const place of [directory, ...eggs]) {
      const version = versionIn(rootFs, `${place}/azurelinuxagent/common/version.py`);
      if (version) return version;
    }
    for (const name of names) {
      const text = distributionName.exec(name)?.[1];
      if (text) named.push({ text, evidence: { path: `${directory}/${name}` } });
    }
  }
  return named[0] ?? debianVersion(rootFs);
}

/** Whether the Python package is in the image, in whatever version. */
export function hasAgentPackage(rootFs: RootFs): boolean {
  return pythonPackageDirectories(rootFs).some(
    (directory) => rootFs.stat(`${directory}/azurelinuxagent`)?.type === 'directory',
  );
}

function versionIn(rootFs: RootFs, path: string): AgentVersion | undefined {
  const lines = (rootFs.readText(path) ?? '').split('\n');
  for (const [index, text] of lines.entries()) {
    const version = /^AGENT_VERSION\s*=\s*(['"])([^'"]+)\1/.exec(text)?.[2];
    if (version) return { text: version, evidence: { path, line: index + 1, text } };
  }
  return undefined;
}

function debianVersion(rootFs: RootFs): AgentVersion | undefined {
  const database = dpkgDatabase(rootFs);
  const found = database?.find('waagent') ?? database?.find('walinuxagent');
  // Debian marks what it repackaged: 2.2.45+dfsg.
  return found && { text: found.version.replace(/[+~].*/, ''), evidence: found.evidence };
}
