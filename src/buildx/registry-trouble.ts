import type {ErrorDetails} from '../errors/error.ts'
import {containerdStore} from '../errors/causes.ts'

/** Builder that failed, and where it comes from. */
export interface TroubledBuilder {
  readonly name: string
  readonly driver: string
  /** Whether Tagboat has created it. */
  readonly isOwn: boolean
}

/** Reason why a builder does not reach a registry that this machine may reach. */
interface RegistryTrouble {
  readonly kind: 'plain-http' | 'loopback' | 'untrusted'
  readonly host: string
}

/** Finds the reason in the errors of BuildKit; undefined for other errors. */
export function registryTrouble(lines: readonly string[]): RegistryTrouble | undefined {
  const text = lines.join('\n')
  const [, host] = /"https?:\/\/([^/"\s]+)\/v2\//.exec(text) ?? []
  if (host === undefined) return undefined
  if (/server gave HTTP response to HTTPS client/i.test(text)) return {kind: 'plain-http', host}
  if (/\bx509: /i.test(text)) return {kind: 'untrusted', host}
  const isRefused = /dial tcp (?:127\.\d+\.\d+\.\d+|\[::1\]):\d+: connect: connection refused/i.test(text)
  return isRefused ? {kind: 'loopback', host} : undefined
}

/** Message and remedy for a builder that does not reach a registry; undefined if the builder is not the reason. */
export function troubleDetails(
  {kind, host}: RegistryTrouble,
  builder: TroubledBuilder,
): Pick<ErrorDetails, 'message' | 'remedy'> | undefined {
  const who = `The builder "${builder.name}" (${builder.driver})`
  switch (kind) {
    case 'plain-http':
      return {
        message: `The registry ${host} uses plain HTTP. ${who} expects HTTPS.`,
        remedy:
          settingRemedy(`http = true`, host, builder) ??
          `Add ${host} to \`insecure-registries\` in /etc/docker/daemon.json and restart the engine.`,
      }
    case 'untrusted':
      return {
        message: `${who} does not trust the certificate of the registry ${host}.`,
        remedy:
          settingRemedy('ca = ["/path/ca.crt"]', host, builder) ??
          `Copy the certificate of its authority to /etc/docker/certs.d/${host}/ca.crt.`,
      }
    case 'loopback':
      // Tagboat gives its builders the network of this machine, so nothing listens at that address.
      if (builder.driver !== 'docker-container' || builder.isOwn) return undefined
      return {
        message: `${who} does not reach ${host}: inside its container, that address is the container itself.`,
        remedy:
          'Add `driver-opts: network=host` to the step that creates the builder (docker/setup-buildx-action), or remove that step: Tagboat creates a builder that reaches the registry.',
      }
  }
}

/** Remedy for a builder with its own BuildKit; undefined for that of the engine. */
function settingRemedy(setting: string, host: string, {driver, isOwn}: TroubledBuilder): string | undefined {
  const lines = `\`[registry."${host}"]\` and \`${setting}\``
  switch (driver) {
    case 'docker':
      return undefined
    case 'remote':
      return `Add ${lines} to the buildkitd.toml of that BuildKit.`
    default:
      return isOwn
        ? `Set \`buildkitd-config-inline\` with ${lines}.`
        : `Add \`buildkitd-config-inline\` with ${lines} to the step that creates the builder (docker/setup-buildx-action).`
  }
}

/** Message and remedy for a base image that the engine has, but not the builder. */
export function engineImageDetails(
  image: string,
  builder: TroubledBuilder,
  canPushTagged: boolean,
): Pick<ErrorDetails, 'message' | 'remedy'> {
  return {
    message: `The Docker engine of this runner has the base image ${image}, but the builder "${builder.name}" (${builder.driver}) reads images from registries only.`,
    remedy: canPushTagged
      ? 'Set `driver: docker`, so that the engine builds the image, or push the base image to a registry and use that name in the Dockerfile.'
      : `Push the base image to a registry and use that name in the Dockerfile, or ${containerdStore} and set \`driver: docker\`.`,
  }
}
