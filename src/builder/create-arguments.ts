import type {NodeInput} from '../inputs/inputs.ts'
import {csvField} from '../inputs/syntax/output-entry.ts'
import {formatPlatform} from '../oci/platform.ts'
import type {CreatedDriver} from './choose-builder.ts'

/** One `docker buildx create`, and one more for each further node. */
export interface CreateRequest {
  readonly name: string
  readonly driver: CreatedDriver
  readonly driverOpts: readonly string[]
  readonly buildkitdFlags: string | undefined
  /** Path of BuildKit's configuration. */
  readonly buildkitdConfig: string | undefined
  readonly endpoint: string | undefined
  readonly nodes: readonly NodeInput[]
}

/**
 * The argument vectors after `docker`, in the order to run them; the first one creates the builder, nothing boots yet.
 * Reference: https://docs.docker.com/reference/cli/docker/buildx/create/
 */
export function createArguments(request: CreateRequest): readonly (readonly string[])[] {
  const {name, driver, driverOpts, buildkitdFlags, buildkitdConfig, endpoint, nodes} = request
  const common = ['buildx', 'create', '--name', name, '--driver', driver]
  const config = takesDaemonSettings(driver) ? optional('--buildkitd-config', buildkitdConfig) : []
  const first = [...common, ...driverOptFlags(driverOpts), ...daemonFlags(driver, buildkitdFlags), ...config]
  return [
    [...first, ...positional(endpoint)],
    ...nodes.map((node) => [
      ...[...common, '--append', ...optional('--node', nodeName(request, node))],
      ...[...driverOptFlags(node.driverOpts), ...daemonFlags(driver, node.buildkitdFlags), ...config],
      ...optional('--platform', node.platforms.map(formatPlatform).join(',')),
      ...positional(node.endpoint),
    ]),
  ]
}

/** Boots all nodes side by side, and says what they can. */
export function bootArguments(name: string): readonly string[] {
  return ['buildx', 'inspect', '--bootstrap', name]
}

/** A remote BuildKit was started by somebody else, with what it has. */
function takesDaemonSettings(driver: CreatedDriver): boolean {
  return driver !== 'remote'
}

/** What a BuildKit of docker/setup-buildx-action lets a build ask for; without it `allow` would be refused. */
const defaultDaemonFlags = '--allow-insecure-entitlement security.insecure --allow-insecure-entitlement network.host'

function daemonFlags(driver: CreatedDriver, given: string | undefined): readonly string[] {
  return takesDaemonSettings(driver) ? ['--buildkitd-flags', given ?? defaultDaemonFlags] : []
}

/**
 * A container or deployment is called by its node: with the builder's name in front, two runs that name a node alike
 * have one each.
 */
function nodeName({name, driver}: CreateRequest, node: NodeInput): string | undefined {
  return node.name === undefined || driver === 'remote' ? node.name : `${name}-${node.name}`
}

function driverOptFlags(options: readonly string[]): readonly string[] {
  return options.flatMap((option) => ['--driver-opt', option])
}

function optional(flag: string, value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : [flag, value]
}

function positional(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value]
}

/** Fields of one driver option, as Buildx reads them. */
export function joinFields(fields: readonly string[]): string {
  return fields.map(csvField).join(',')
}
