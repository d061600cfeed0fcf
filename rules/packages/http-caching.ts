import {
  compareDottedVersions,
  defineRule,
  distribution,
  fail,
  finding,
  notApplicable,
  pass,
  repositories,
  unknownBy,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'packages/http-caching',
  title: 'Releases before 6.6 set http_caching=packages',
  severity: 'info',
  rationale:
    'On these releases metadata from a cache between VM and repository breaks the installation of packages, and of extensions that need them.',
  remediation: 'Set http_caching=packages in yum.conf.',
  fix: ["echo 'http_caching=packages' >> /etc/yum.conf"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-centos',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
  ],
  covers: ['pkg-el6-yum-http-caching'],
  lisa: ['azure_image_standard.verify_yum_conf'],
  needs: ['rootfs'],
  appliesTo: { families: ['rhel', 'oracle'] },
  facts: { distribution, repositories },
  check({ distribution: system, repositories: { httpCaching, yumConf, unread } }) {
    const version = system?.versionId;
    if (version === undefined || compareDottedVersions(version, '6.6') >= 0)
      return notApplicable('the release is 6.6 or later');
    if (httpCaching?.value === 'packages') return pass(httpCaching.evidence);
    const gap = httpCaching ? undefined : unknownBy(unread);
    if (gap) return gap;
    const found = httpCaching ? `http_caching is ${httpCaching.value}` : 'yum.conf does not set http_caching';
    return fail(
      finding(`${found}, but packages is wanted on ${system?.id} ${version}`, httpCaching?.evidence ?? yumConf ?? []),
    );
  },
});
