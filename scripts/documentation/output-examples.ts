import type {OutputName} from '../../src/report/output-spec.ts'
import type {PruneOutputName} from '../../src/report/prune/prune-output-spec.ts'

const digest = 'sha256:9f2c1d…'

/** Example values for `docs/outputs.md`. Digests are shortened. */
export const outputExamples: Readonly<Partial<Record<OutputName | PruneOutputName, string>>> = {
  version: '1.2.3',
  tags: 'ghcr.io/octocat/app:1.2.3\nghcr.io/octocat/app:latest',
  'tag-names': '1.2.3\nlatest',
  labels: 'org.opencontainers.image.version=1.2.3\norg.opencontainers.image.revision=860c1904…',
  annotations: 'manifest:org.opencontainers.image.version=1.2.3\nindex:org.opencontainers.image.version=1.2.3',
  json: '{"tag-names":["1.2.3"],"tags":["ghcr.io/octocat/app:1.2.3"],"labels":{…},"annotations":[…]}',
  digest,
  'digest-file': '/home/runner/work/_temp/tagboat-bake-…/9f2c1d…',
  image: `ghcr.io/octocat/app@${digest}`,
  images: `ghcr.io/octocat/app@${digest}\ndocker.io/octocat/app@${digest}`,
  digests: '{"linux/amd64":"sha256:1a77e0…","linux/arm64":"sha256:c04b52…"}',
  size: '{"linux/amd64":28411307,"linux/arm64":27990114}',
  name: 'tagboat-2188841209-1-0a1b2c3d',
  driver: 'docker-container',
  platforms: 'linux/amd64,linux/arm64',
  nodes:
    '[{"name":"tagboat-2188841209-1-0a1b2c3d0","endpoint":"unix:///var/run/docker.sock","driver-opts":["network=host"],"status":"running","buildkitd-flags":"…","buildkit":"v0.26.3","platforms":"linux/amd64,linux/arm64"}]',
  endpoint: 'unix:///var/run/docker.sock',
  'moved-tags': `[{"tag":"latest","reference":"ghcr.io/octocat/app:latest","before":"sha256:77ab03…","after":"${digest}","code":"highest-version","reason":"1.2.3 is the highest version"}]`,
  deleted: `[{"reference":"ghcr.io/octocat/app:pr-12","digest":"${digest}","class":"pr","code":"pull-closed","reason":"pull request 12 is closed","id":"592195799"}]`,
  'deleted-count': '312',
  bytes: '4112870144',
  broken: `[{"reference":"ghcr.io/octocat/app:1.2.3","digest":"${digest}","missing":[{"digest":"sha256:c04b52…","platform":"linux/arm64"}]}]`,
}
