import {
  cloudInit,
  cloudInitRuntime,
  defineRule,
  fail,
  finding,
  firstBoot,
  installPackages,
  notApplicable,
  notForCloudInit,
  pass,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/password-hashing',
  title: 'cloud-init has its Python, and can hash passwords with it',
  severity: 'error',
  rationale:
    'Without its interpreter cloud-init does not run on the first boot; without crypt and passlib every deployment with a password fails.',
  remediation: 'Install the Python that runs cloud-init, and passlib for it.',
  fix: installPackages('python3-passlib'),
  references: ['https://github.com/canonical/cloud-init/blob/main/cloudinit/sources/DataSourceAzure.py'],
  covers: ['ci-password-hash-module'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, cloudInitRuntime, firstBoot },
  check({ cloudInit: found, cloudInitRuntime: { interpreter }, firstBoot: boot }) {
    const reason = notForCloudInit(found, boot);
    if (reason !== undefined) return notApplicable(reason);
    if (!interpreter) return unknown('nothing tells which Python runs cloud-init');
    const { path, found: python } = interpreter;
    if (!python)
      return fail(finding(`cloud-init runs with ${path}, which is not in the image`, found.executable ?? []));
    const module = python.findModule('crypt') ?? python.findModule('passlib');
    if (module) return pass(module);
    if (python.standardLibrary === undefined) return unknown(`the standard library of ${path} is not in the image`);
    const message = `Python ${python.version} has no module crypt and no passlib, so cloud-init cannot set a password`;
    return fail(finding(message, python.evidence, { severity: 'warning' }));
  },
});
