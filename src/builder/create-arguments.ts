import type {NodeInput} from '../inputs/inputs.ts'
import {csvField} from '../inputs/syntax/output-entry.ts'
import {formatPlatform} from '../oci/platform.ts'
import type {CreatedDriver} from './choose-builder.ts'

/** Settings of `docker buildx create`, which runs once per node. */
export interface CreateRequest {
  readonly name: string
  readonly driver: CreatedDriver
  readonly driverOpts: readonly string[]
  readonly buildkitdFlags: string | undefined
  /** Path of the BuildKit configuration. */
  readonly buildkitdConfig: string | undefined
  readonly endpoint: string | undefined
  readonly nodes: readonly NodeInput[]
}

/**
 * Argument vectors of `docker`, in the order to run them: the first creates the builder, the others append nodes.
 * Nothing is booted. Reference: https://docs.docker.com/reference/cli/docker/buildx/create/
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

/** Arguments of the command that boots all nodes in parallel and prints their features. */
export function bootArguments(name: string): readonly string[] {
  return ['buildx', 'inspect', '--bootstrap', name]
}

/** Reports whether Buildx starts the BuildKit daemon. A remote daemon runs already, with settings of its own. */
function takesDaemonSettings(driver: CreatedDriver): boolean {
  return driver !== 'remote'
}

/** Default flags of the daemon, as in docker/setup-buildx-action. Without them, `allow` would be rejected. */
const defaultDaemonFlags = '--allow-insecure-entitlement security.insecure --allow-insecure-entitlement network.host'

function daemonFlags(driver: CreatedDriver, given: string | undefined): readonly string[] {
  return takesDaemonSettings(driver) ? ['--buildkitd-flags', given ?? defaultDaemonFlags] : []
}

/**
 * Name of a node. Containers and deployments are named after their node, so the name of the builder is added: two runs
 * may use the same node name.
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

/** Joins fields of a driver option as CSV, which Buildx parses. */
export function joinFields(fields: readonly string[]): string {
  return fields.map(csvField).join(',')
}
