/** Text to begin with. */
export interface Example {
  readonly title: string
  readonly text: string
  /** Git tag of the event, if the usual one gives no tags. */
  readonly ref?: string
}

const release = `name: publish
on:
  push:
    branches: [main]
    tags: ['v*']
  pull_request:
  schedule:
    - cron: '30 4 * * 1'
  workflow_dispatch:

permissions: {}

jobs:
  image:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      packages: write # to push to ghcr.io
    steps:
      - uses: actions/checkout@v7
      - uses: tagboat/tagboat@v1
        with:
          images: ghcr.io/octocat/app
          platforms: linux/amd64,linux/arm64
          tags: |
            type=semver,pattern={{version}}
            type=semver,pattern={{major}}.{{minor}}
            type=ref,event=branch
            type=ref,event=pr
            type=schedule,pattern=nightly
            type=sha
          labels: |
            org.opencontainers.image.vendor=Octocat
`

const shortest = `- uses: tagboat/tagboat@v1
`

const twoRegistries = `- uses: tagboat/tagboat@v1
  with:
    images: |
      ghcr.io/octocat/app
      docker.io/octocat/app
    registry-auth: |
      - registry: docker.io
        username: octocat
        password: \${{ secrets.DOCKERHUB_TOKEN }}
    tags: |
      type=semver,pattern={{version}}
      type=semver,pattern={{major}}.{{minor}}
      type=raw,value=stable,enable={{is_default_branch}}
`

const monorepo = `- uses: tagboat/tagboat@v1
  with:
    component: api
    images: ghcr.io/octocat/api
    context: services/api
`

const variant = `- uses: tagboat/tagboat@v1
  with:
    images: ghcr.io/octocat/app
    variant: alpine
    target: alpine
    default-variant: true
`

/** Workflows and steps to begin with. The first one is shown at first. */
export const examples: readonly [Example, ...Example[]] = [
  {title: 'Release workflow', text: release},
  {title: 'One step, no inputs', text: shortest},
  {title: 'Two registries', text: twoRegistries},
  {title: 'Component of a monorepo', text: monorepo, ref: 'refs/tags/api/v1.2.3'},
  {title: 'Variant', text: variant},
]

/** Contents of a registry to begin with: a backport is about to be published. */
export const registryExample = `1.2.2   1.2.2  5f2c1e0
1.2     1.2.2  5f2c1e0
2.0.0   2.0.0  9d41c77
latest  2.0.0  9d41c77
`

/** Workflow of the Docker actions to begin with. */
export const convertExample = `on:
  push:
    branches: [main]
    tags: ['v*']
  pull_request:

jobs:
  build:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      packages: write
    steps:
      - uses: actions/checkout@v7
      - uses: docker/metadata-action@v6
        id: meta
        with:
          images: ghcr.io/\${{ github.repository }}
          tags: |
            type=semver,pattern={{version}}
            type=semver,pattern={{major}}.{{minor}}
            type=ref,event=branch
            type=ref,event=pr
            type=sha
      # for arm64
      - uses: docker/setup-qemu-action@v4
      - uses: docker/setup-buildx-action@v4
      - uses: docker/login-action@v4
        if: github.event_name != 'pull_request'
        with:
          registry: ghcr.io
          username: \${{ github.actor }}
          password: \${{ secrets.GITHUB_TOKEN }}
      - uses: docker/build-push-action@v7
        id: build
        with:
          context: .
          platforms: linux/amd64,linux/arm64
          push: \${{ github.event_name != 'pull_request' }}
          tags: \${{ steps.meta.outputs.tags }}
          labels: \${{ steps.meta.outputs.labels }}
          cache-from: type=gha
          cache-to: type=gha,mode=max
      - run: echo "\${{ steps.build.outputs.digest }}"

  tools:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/bake-action@v7
        with:
          push: true
`
