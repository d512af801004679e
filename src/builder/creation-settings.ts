import path from 'node:path'
import {buildkitdConfig, defaultConfigFile} from './buildkitd-config.ts'
import type {CreatedDriver} from './choose-builder.ts'
import {currentContext} from './docker-context.ts'
import {imagesOfBuild} from './engine-images.ts'
import {settingsHash, type JobBuilderNeeds} from './job-builders.ts'
import {registryAccess, registryHosts, type RegistryAccess} from './registry-access.ts'
import {TagboatError} from '../errors/error.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'
import type {PrivateDockerConfig} from '../run/private-config.ts'
import type {Registries} from '../run/registries.ts'
import type {BuilderInputs} from '../inputs/inputs.ts'
import {repositoriesOf} from '../plan/plan.ts'
import {jobBuildersName} from '../run/saved-state.ts'
import {temporaryPath} from '../run/temporary-path.ts'

/** Run that a builder is for. */
export interface Run {
  readonly prepared: Prepared
  readonly dockerConfig: PrivateDockerConfig
  readonly registries: Pick<Registries, 'clients' | 'certificates' | 'engine'>
  readonly io: Io
}

/** Settings of a new builder. */
export interface CreationSettings {
  readonly driverOpts: readonly string[]
  /** Text of the BuildKit configuration; undefined for none. */
  readonly config: string | undefined
  /** Directory in which Buildx keeps the builder, which outlives the run. */
  readonly buildxConfig: string
  readonly needs: JobBuilderNeeds
}

/** Settings of a new builder: those of the inputs, and what this machine knows of the registries of the build. */
export async function creationSettings(driver: CreatedDriver, run: Run): Promise<CreationSettings> {
  const {prepared, dockerConfig} = run
  const {builder: inputs} = prepared.inputs
  const buildxConfig = await shareInstances(run)
  const {registries, localHosts} = await accessOf(driver, run)
  const given = await givenConfig(run, {buildxConfig, isExtended: registries.length > 0})
  const config = await buildkitdConfig({...given, mirrors: inputs.mirrors, registries})
  const isNetworkGiven = inputs.driverOpts.some((option) => /(?:^|[,"])network=/.test(option))
  const hostNetwork = localHosts.length > 0 && !isNetworkGiven
  reportAccess({registries, localHosts: hostNetwork ? localHosts : []}, run)
  const context = [
    dockerConfig.env['DOCKER_HOST'],
    currentContext(dockerConfig.env, dockerConfig.userConfig['currentContext']),
  ]
  return {
    driverOpts: [...inputs.driverOpts, ...(hostNetwork ? ['network=host'] : [])],
    config,
    buildxConfig,
    needs: {
      settings: settingsHash([driver, settingsOf(inputs), given, context, buildxConfig]),
      registries,
      hostNetwork,
    },
  }
}

/** Inputs that shape a new builder. */
function settingsOf({driverOpts, buildkitdFlags, endpoint, nodes, mirrors, keepState}: BuilderInputs): unknown {
  return {driverOpts, buildkitdFlags, endpoint, nodes, mirrors, keepState}
}

interface GivenConfig {
  readonly file: string | undefined
  readonly inline: string | undefined
  readonly byDefault: string | undefined
}

/** Configuration of the user. Buildx reads its default file itself, unless something is added to it. */
async function givenConfig(
  {prepared, io}: Run,
  {buildxConfig, isExtended}: {readonly buildxConfig: string; readonly isExtended: boolean},
): Promise<GivenConfig> {
  const {buildkitdConfig: given, buildkitdConfigInline: inline, mirrors} = prepared.inputs.builder
  const file = given === undefined ? undefined : await io.files.read(given)
  if (given !== undefined && file === undefined) {
    throw new TagboatError('input-invalid', {evidence: [`buildkitd-config: the file ${given} does not exist.`]})
  }
  const isAlone = given === undefined && inline === undefined && (mirrors.length > 0 || isExtended)
  const byDefault = isAlone ? await io.files.read(path.join(buildxConfig, defaultConfigFile)) : undefined
  return {file, inline, byDefault}
}

/** Access to the registries of the build. Only a container on the engine of this machine uses what the engine knows. */
async function accessOf(driver: CreatedDriver, {prepared, registries, io}: Run): Promise<RegistryAccess> {
  const {inputs, plan} = prepared
  if (driver !== 'docker-container' || inputs.builder.endpoint !== undefined) return {registries: [], localHosts: []}
  const [baseImages, engine, hostsFile] = await Promise.all([
    imagesOfBuild(inputs.build, io),
    registries.engine(),
    io.files.read('/etc/hosts').catch(() => undefined),
  ])
  const hosts = registryHosts({inputs, pushedTo: plan.push.do ? repositoriesOf(plan) : [], baseImages})
  return registryAccess(hosts, {
    engine,
    certificates: registries.certificates,
    scheme: async (host) => registries.clients.scheme(host),
    hostsFile: hostsFile ?? '',
  })
}

function reportAccess({registries, localHosts}: RegistryAccess, {io}: Run): void {
  const lines = [
    ...(registries.length === 0
      ? []
      : [`The new builder gets the settings of this machine for ${registries.map(({host}) => host).join(', ')}`]),
    ...(localHosts.length === 0
      ? []
      : [`The new builder uses the network of this machine (network=host), to reach ${localHosts.join(', ')}`]),
  ]
  if (lines.length > 0) io.workflow.print(lines)
}

/**
 * Links the directory of Buildx in the private configuration to one that outlives the run, and returns its path: that
 * of the user or, where it is read-only, one in the temporary directory of the runner.
 */
async function shareInstances({dockerConfig, io}: Run): Promise<string> {
  const {directory, userDirectory} = dockerConfig
  const set = io.environment['BUILDX_CONFIG'] ?? ''
  const own = set === '' ? path.join(userDirectory, 'buildx') : set
  const isWritable = await io.files.isWritable(own)
  if (isWritable && set !== '') return set
  const shared = isWritable ? own : temporaryPath(io, `${jobBuildersName}-buildx`)
  await io.files.makePrivateDirectory(shared)
  const link = path.join(directory, 'buildx')
  // A directory that Buildx created, a copy, or an earlier link.
  await io.files.remove(link)
  await io.files.link(shared, link)
  return shared
}
