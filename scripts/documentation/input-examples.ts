import type {InputName} from '../../src/inputs/spec/spec.ts'

/** Examples for `docs/inputs.md`, each a part of the `with:` block of a step. */
export const inputExamples: Readonly<Partial<Record<InputName, string>>> = {
  images: `images: |
  ghcr.io/octocat/app
  name=docker.io/octocat/app,enable={{is_default_branch}}
  name=quay.io/octocat/app,required=false`,
  tags: `tags: |
  type=semver,pattern={{version}}
  type=semver,pattern={{major}}.{{minor}}
  type=ref,event=branch
  type=sha`,
  flavor: `flavor: |
  latest=true
  suffix=-alpine,onlatest=true`,
  environment: `environment: staging`,
  component: `component: api`,
  version: `version: file:package.json`,
  variant: `variant: alpine`,
  labels: `labels: |
  org.opencontainers.image.title=My app
  com.example.branch={{branch}}
  org.opencontainers.image.licenses=`,
  annotations: `annotations: |
  org.opencontainers.image.title=My app
  index:com.example.team=platform`,
  'annotation-levels': `annotation-levels: manifest,index`,
  'sep-tags': `sep-tags: ','`,
  context: `context: ./app`,
  file: `file: ./app/Dockerfile.release`,
  platforms: `platforms: linux/amd64,linux/arm64`,
  'build-args': `build-args: |
  NODE_VERSION=24
  HTTP_PROXY`,
  'build-contexts': `build-contexts: |
  assets=./assets
  base=docker-image://docker.io/library/alpine:3.22`,
  secrets: `secrets: |
  npm_token=\${{ secrets.NPM_TOKEN }}`,
  'secret-envs': `secret-envs: npm_token=NPM_TOKEN`,
  'secret-files': `secret-files: npmrc=./.npmrc`,
  ssh: `ssh: default`,
  'add-hosts': `add-hosts: db.internal:10.0.0.7`,
  allow: `allow: network.host`,
  attests: `attests: type=sbom,generator=docker/scout-sbom-indexer`,
  provenance: `provenance: mode=max`,
  'cache-from': `cache-from: type=gha`,
  'cache-to': `cache-to: type=gha,mode=max`,
  cache: `cache: auto`,
  'no-cache-filters': `no-cache-filters: install,test`,
  ulimit: `ulimit: nofile=1024:1024`,
  outputs: `outputs: |
  type=local,dest=./out
  type=image,compression=zstd`,
  call: `call: check`,
  'driver-opts': `driver-opts: |
  network=host
  image=moby/buildkit:v0.25.0`,
  'buildkitd-config-inline': `buildkitd-config-inline: |
  [worker.oci]
    max-parallelism = 4`,
  endpoint: `driver: remote
endpoint: tcp://buildkitd.internal:1234`,
  append: `append: |
  - endpoint: ssh://build@arm64.internal
    platforms: linux/arm64`,
  mirrors: `mirrors: docker.io=mirror.gcr.io`,
  registry: `registry: registry.example.com
username: \${{ vars.REGISTRY_USER }}
password: \${{ secrets.REGISTRY_TOKEN }}`,
  'registry-auth': `registry-auth: |
  - registry: docker.io
    username: \${{ vars.DOCKERHUB_USER }}
    password: \${{ toJSON(secrets.DOCKERHUB_TOKEN) }}
  - registry: registry.example.com
    username: robot
    password: \${{ toJSON(secrets.REGISTRY_TOKEN) }}
  - registry: 123456789012.dkr.ecr.eu-west-1.amazonaws.com
    aws-role: arn:aws:iam::123456789012:role/ci`,
  push: `push: \${{ github.event_name != 'pull_request' }}`,
  test: `test: |
  docker run --rm "$IMAGE" --version
  ./smoke-test.sh "$IMAGE"`,
  digests: `digests: \${{ toJSON(needs) }}`,
  'digest-names': `digest-names: alpine-*`,
  from: `from: ghcr.io/octocat/app:1.2.3-staging`,
  policy: `policy: |
  type=pr,gone=true,older-than=1d
  type=commit,older-than=90d,keep=20
  type=prerelease,older-than=180d,keep=3,per=minor
  type=match,pattern=nightly-*,older-than=30d,keep=7
  type=untagged,older-than=14d
  type=keep,pattern=customer-*`,
  'delete-tags': `delete-tags: pr-*,test-*`,
  'exclude-tags': `exclude-tags: pr-12`,
  'older-than': `older-than: 2w`,
  'keep-n-tagged': `delete-tags: nightly-*
keep-n-tagged: 7`,
  'keep-n-untagged': `delete-untagged: true
keep-n-untagged: 10`,
  protect: `protect: |
  ghcr.io/octocat/app:1.2.3
  ghcr.io/octocat/app@sha256:7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730`,
  'max-deleted': `max-deleted: 200`,
}
