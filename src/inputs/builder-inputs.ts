import type {InputReader} from './input-reader.ts'
import type {BuilderInputs, Mirror, NodeInput} from './inputs.ts'
import {inputSpecs, type InputName} from './spec/spec.ts'

/** Reads the inputs for the builder. Values that only Buildx parses are passed on unchanged. */
export async function readBuilderInputs(reader: InputReader): Promise<BuilderInputs> {
  const driver = reader.choice('driver', inputSpecs.driver.choices)
  const inputs: BuilderInputs = {
    driver,
    driverOpts: await readDriverOptions(reader),
    buildkitdFlags: reader.optionalText('buildkitd-flags'),
    buildkitdConfig: reader.optionalText('buildkitd-config'),
    buildkitdConfigInline: inlineConfig(reader),
    endpoint: reader.positional('endpoint'),
    nodes: await readNodes(reader, driver),
    keepState: reader.boolean('keep-state'),
    qemu: reader.choice('qemu', inputSpecs.qemu.choices),
    qemuImage: reader.positional('qemu-image') ?? '',
    mirrors: await readMirrorInput(reader, driver),
  }
  checkTogether(inputs, reader)
  return inputs
}

function inlineConfig(reader: InputReader): string | undefined {
  const text = reader.verbatim('buildkitd-config-inline')
  return text.trim() === '' ? undefined : text
}

async function readDriverOptions(reader: InputReader): Promise<readonly string[]> {
  const items = reader.list('driver-opts')
  if (items.length === 0) return []
  const {formatDriverOption, notAnOption, optionRemedy} = await import('./syntax/driver-option.ts')
  return items.flatMap(({text, number, column}) => {
    const option = formatDriverOption(text)
    if (option !== undefined) return [option]
    reader.problem('driver-opts', {line: number, column}, notAnOption, optionRemedy)
    return []
  })
}

async function readNodes(reader: InputReader, driver: BuilderInputs['driver']): Promise<readonly NodeInput[]> {
  if (reader.text('append') === '') return []
  // The YAML parser is large, and most runs do not need it.
  const {readAppend} = await import('./append-nodes.ts')
  return readAppend(reader, driver)
}

async function readMirrorInput(reader: InputReader, driver: BuilderInputs['driver']): Promise<readonly Mirror[]> {
  if (reader.text('mirrors') === '') return []
  const {readMirrors} = await import('./mirror-inputs.ts')
  return readMirrors(reader, {driver, builder: reader.optionalText('builder')})
}

/** Reports every combination of inputs that is not allowed. */
function checkTogether(inputs: BuilderInputs, reader: InputReader): void {
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

/** Names of the inputs set for a new builder. */
export function builderSettings(inputs: BuilderInputs): readonly InputName[] {
  const given: readonly (readonly [InputName, boolean])[] = [
    ['driver-opts', inputs.driverOpts.length > 0],
    ['buildkitd-flags', inputs.buildkitdFlags !== undefined],
    ['buildkitd-config', inputs.buildkitdConfig !== undefined],
    ['buildkitd-config-inline', inputs.buildkitdConfigInline !== undefined],
    ['endpoint', inputs.endpoint !== undefined],
    ['append', inputs.nodes.length > 0],
    ['mirrors', inputs.mirrors.length > 0],
  ]
  return given.flatMap(([name, isGiven]) => (isGiven ? [name] : []))
}
