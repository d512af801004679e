/** Actions that the converter knows. The first five are replaced. */
export type ActionKind =
  'login' | 'qemu' | 'buildx' | 'metadata' | 'build' | 'bake' | 'depot' | 'other-builder' | 'checkout' | 'registry-user'

const actions: Readonly<Record<string, ActionKind>> = {
  'docker/login-action': 'login',
  'docker/setup-qemu-action': 'qemu',
  'docker/setup-buildx-action': 'buildx',
  'docker/metadata-action': 'metadata',
  'crazy-max/ghaction-docker-meta': 'metadata',
  'docker/build-push-action': 'build',
  'docker/bake-action': 'bake',
  'depot/build-push-action': 'depot',
  'depot/bake-action': 'depot',
  'redhat-actions/buildah-build': 'other-builder',
  'redhat-actions/push-to-registry': 'other-builder',
  'actions/checkout': 'checkout',
  'actions/attest': 'registry-user',
  'actions/attest-build-provenance': 'registry-user',
  'actions/attest-sbom': 'registry-user',
  'anchore/sbom-action': 'registry-user',
  'anchore/scan-action': 'registry-user',
  'aquasecurity/trivy-action': 'registry-user',
  'docker/scout-action': 'registry-user',
  'goreleaser/goreleaser-action': 'registry-user',
  'int128/docker-manifest-create-action': 'registry-user',
  'noelware/docker-manifest-action': 'registry-user',
}

/** Kind of action that a step uses, whatever version it is pinned to. */
export function actionKind(uses: string | undefined): ActionKind | undefined {
  const name = uses?.split('@')[0]?.toLowerCase()
  return name === undefined ? undefined : actions[name]
}

/** Kinds of the actions that Tagboat replaces. */
export const replacedKinds: readonly ActionKind[] = ['login', 'qemu', 'buildx', 'metadata', 'build']

/** Reports whether a script talks to a registry, for which it may need a login. */
export function usesRegistry(script: string): boolean {
  return /\b(?:docker\s+(?:pull|push|run|image|manifest|buildx|compose|build|scout|stack|service)|docker-compose|buildah|podman|nerdctl|ko\s+(?:apply|build|create|publish|resolve)|goreleaser\s+release|cosign|crane|skopeo|oras|regctl|regsync|notation|trivy|grype|syft|helm\s+(?:push|pull|install|upgrade))\b/.test(
    script,
  )
}

/** Reports whether a script builds with Buildx, for which it may need a builder. */
export function usesBuilder(script: string): boolean {
  return /\bdocker\s+(?:buildx\s+(?!imagetools|version|ls\b)|build\b|compose\b)/.test(script)
}

/** Reports whether a script may run a program of another platform. */
export function usesEmulation(script: string): boolean {
  return /\bdocker\b[^\n]*--platform|\bqemu-|\bbinfmt\b/.test(script)
}
