import type {InputReader} from '../input-reader.ts'
import type {BuilderInputs} from '../inputs.ts'
import {builderSettings} from './builder-settings.ts'
import type {InputName} from './spec.ts'

/** Reports every combination of builder inputs that is not allowed. */
export function checkBuilderInputs(inputs: BuilderInputs, reader: InputReader): void {
  const {driver} = inputs
  if (inputs.buildkitdConfig !== undefined && inputs.buildkitdConfigInline !== undefined) {
    const remedy = 'Remove one of them.'
    reader.problem('buildkitd-config-inline', {}, 'it cannot be combined with buildkitd-config', remedy)
  }
  if (reader.text('builder') !== '') checkNamed(inputs, reader)
  else if (driver === 'docker') checkEngine(inputs, reader)
  else if (driver === 'remote') checkRemote(inputs, reader)
  else if (driver === 'kubernetes') checkCluster(inputs, reader)
}

/** Names of the inputs set for a new builder, except mirrors, which also apply to the images of emulators. */
function createdWith(inputs: BuilderInputs): readonly InputName[] {
  const settings = builderSettings(inputs).filter((name) => name !== 'mirrors')
  return [...settings, ...(inputs.keepState ? (['keep-state'] as const) : [])]
}

function checkNamed(inputs: BuilderInputs, reader: InputReader): void {
  const remedy = 'Remove it, or leave `builder` empty to create a new builder.'
  const names: readonly InputName[] = [
    ...(inputs.driver === 'auto' ? [] : (['driver'] as const)),
    ...createdWith(inputs),
  ]
  for (const name of names)
    reader.problem(name, {}, 'it applies to a new builder only, but `builder` selects an existing one', remedy)
}

function checkEngine(inputs: BuilderInputs, reader: InputReader): void {
  const remedy = 'Remove it, or set `driver` to docker-container.'
  for (const name of createdWith(inputs)) {
    reader.problem(
      name,
      {},
      'it applies to a new builder only, but `driver: docker` selects the builder of the engine',
      remedy,
    )
  }
}

/** Rejects an endpoint for the driver kubernetes. Buildx does so too, but only after the login. */
function checkCluster({endpoint}: BuilderInputs, reader: InputReader): void {
  if (endpoint === undefined) return
  const remedy = 'Remove it, and set the kubectl context or KUBECONFIG before this step.'
  reader.problem('endpoint', {}, '`driver: kubernetes` uses the current cluster', remedy)
}

function checkRemote(inputs: BuilderInputs, reader: InputReader): void {
  if (inputs.endpoint === undefined) {
    const remedy = 'Set `endpoint` to its address, such as tcp://host:1234.'
    reader.problem('endpoint', {}, '`driver: remote` requires the address of a BuildKit daemon', remedy)
  }
  if (inputs.keepState) {
    const remedy = 'Remove it. The remote BuildKit daemon keeps its state anyway.'
    reader.problem('keep-state', {}, '`driver: remote` uses a BuildKit daemon that is already running', remedy)
  }
  const daemon = builderSettings(inputs).filter((name) => name.startsWith('buildkitd-'))
  for (const name of daemon) {
    const remedy = 'Remove it, or start the remote BuildKit daemon with it.'
    reader.problem(name, {}, '`driver: remote` uses a BuildKit daemon that is already running', remedy)
  }
}
