import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseSshdConfig } from '../formats/sshd-config.ts';
import type { RootFs } from '../image/root-fs.ts';
import { firstBoot } from './first-boot.ts';
import { sshServer } from './ssh-server.ts';

export interface SshPasswordLogin {
  /** `PasswordAuthentication`, sshd's default without a line being yes. */
  readonly allowed: boolean;
  /** By way of `KbdInteractiveAuthentication` with PAM, which asks for the password too. */
  readonly allowedByPam: boolean;
  readonly evidence?: Evidence;
  /** File into which the provisioner writes what the deployment chose; undefined when nobody provisions. */
  readonly provisionerFile?: string;
  /** The image's own line stands before the provisioner's, so that sshd takes the image's. */
  readonly overrulesProvisioner: boolean;
}

/** Whether sshd takes passwords, and whether a deployment can still change that. */
export const sshPasswordLogin = defineFact<SshPasswordLogin>({
  id: 'ssh-password-login',
  description: 'PasswordAuthentication as sshd reads it, and whether the choice of a deployment takes effect.',
  reads: ['/etc/ssh/sshd_config', '/etc/ssh/sshd_config.d/*.conf'],
  async compute(context) {
    const { configuration } = await context.get(sshServer);
    const setting = configuration.first('PasswordAuthentication');
    const isOn = (keyword: string, byDefault: string) =>
      (configuration.first(keyword)?.value ?? byDefault).toLowerCase() === 'yes';
    const { provisioner } = (await context.get(firstBoot)).generalized;
    const target = provisionerFile(context.rootFs, provisioner);
    return {
      allowed: isOn('PasswordAuthentication', 'yes'),
      allowedByPam: isOn('KbdInteractiveAuthentication', 'yes') && isOn('UsePAM', 'no'),
      ...(setting && { evidence: setting.evidence }),
      ...(target && { provisionerFile: target.path }),
      overrulesProvisioner: setting !== undefined && target !== undefined && standsBefore(setting.evidence, target),
    };
  },
});

const mainFile = '/etc/ssh/sshd_config';

interface Target {
  readonly path: string;
  /** Line of the main file that includes it; undefined for the main file itself. */
  readonly includedAt?: number;
}

/** cloud-init: `_ensure_cloud_init_ssh_config_file` of ssh_util.py; waagent: `conf_sshd` of osutil/default.py. */
function provisionerFile(rootFs: RootFs, provisioner: string): Target | undefined {
  if (provisioner === 'waagent') return { path: mainFile };
  if (provisioner !== 'cloud-init') return undefined;
  const dropIn = `${mainFile}.d/50-cloud-init.conf`;
  const text = rootFs.readText(mainFile);
  if (text === undefined) return rootFs.stat(`${mainFile}.d`) ? { path: dropIn, includedAt: 0 } : { path: mainFile };
  const include = parseSshdConfig(text).directives.find(
    (directive) => directive.kind === 'include' && directive.text.startsWith(`Include ${mainFile}.d/*.conf`),
  );
  return include ? { path: dropIn, includedAt: include.line } : { path: mainFile };
}

function standsBefore(setting: Evidence, target: Target): boolean {
  if (setting.path === target.path) return false;
  if (target.includedAt === undefined) return true;
  if (setting.path === mainFile) return (setting.line ?? 0) < target.includedAt;
  return setting.path < target.path;
}
