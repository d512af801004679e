import {isDriverOption, notAnOption, optionRemedy} from './syntax/key-value.ts'
import type {InputReader} from './input-reader.ts'
import type {BuilderInputs, NodeInput} from './inputs.ts'
import {readMirrors} from './mirror-inputs.ts'
import {inputSpecs, type InputName} from './spec/spec.ts'

/** The inputs that say who builds. Texts that only Buildx understands are handed on to the letter. */
export async function readBuilderInputs(reader: InputReader): Promise<BuilderInputs> {
  const driver = reader.choice('driver', inputSpecs.driver.choices)
  const inputs: BuilderInputs = {
    driver,
    driverOpts: readDriverOptions(reader),
    buildkitdFlags: reader.optionalText('buildkitd-flags'),
    buildkitdConfig: reader.optionalText('buildkitd-config'),
    buildkitdConfigInline: inlineConfig(reader),
    endpoint: reader.positional('endpoint'),
    nodes: await readNodes(reader, driver),
    keepState: reader.boolean('keep-state'),
    qemu: reader.choice('qemu', inputSpecs.qemu.choices),
    qemuImage: reader.positional('qemu-image') ?? '',
    mirrors: readMirrors(reader, {driver, builder: reader.optionalText('builder')}),
  }
  checkTogether(inputs, reader)
  return inputs
}

function inlineConfig(reader: InputReader): string | undefined {
  const text = reader.verbatim('buildkitd-config-inline')
  return text.trim() === '' ? undefined : text
}

function readDriverOptions(reader: InputReader): readonly string[] {
  return reader.list('driver-opts').flatMap(({text, number, column}) => {
    if (isDriverOption(text)) return [text]
    reader.problem('driver-opts', {line: number, column}, notAnOption, optionRemedy)
    return []
  })
}

async function readNodes(reader: InputReader, driver: BuilderInputs['driver']): Promise<readonly NodeInput[]> {
  if (reader.text('append') === '') return []
  // The YAML parser is larger than everything else that reads inputs, and most runs have no use for it.
  const {readAppend} = await import('./append-nodes.ts')
  return readAppend(reader, driver)
}

/** What contradicts each other, all of it. */
function checkTogether(inputs: BuilderInputs, reader: InputReader): void {
  const {driver} = inputs
  if (inputs.buildkitdConfig !== undefined && inputs.buildkitdConfigInline !== undefined) {
    const remedy = 'Write one of the two.'
    reader.problem('buildkitd-config-inline', {}, 'it cannot be used together with buildkitd-config', remedy)
  }
  if (reader.text('builder') !== '') checkNamed(inputs, reader)
  else if (driver === 'docker') checkEngine(inputs, reader)
  else if (driver === 'remote') checkRemote(inputs, reader)
  else if (driver === 'kubernetes') checkCluster(inputs, reader)
}

/** Settings that a builder is created with. Mirrors are not among them: they serve the images of emulators too. */
function createdWith(inputs: BuilderInputs): readonly InputName[] {
  const settings = builderSettings(inputs).filter((name) => name !== 'mirrors')
  return [...settings, ...(inputs.keepState ? (['keep-state'] as const) : [])]
}

function checkNamed(inputs: BuilderInputs, reader: InputReader): void {
  const remedy = 'Remove it, or leave `builder` empty for a new builder.'
  const names: readonly InputName[] = [
    ...(inputs.driver === 'auto' ? [] : (['driver'] as const)),
    ...createdWith(inputs),
  ]
  for (const name of names)
    reader.problem(name, {}, 'it is for a new builder, and `builder` names one that exists', remedy)
}

function checkEngine(inputs: BuilderInputs, reader: InputReader): void {
  const remedy = 'Remove it, or set `driver` to docker-container.'
  for (const name of createdWith(inputs)) {
    reader.problem(name, {}, 'it is for a new builder, and `driver: docker` is the one of the engine itself', remedy)
  }
}

/** Buildx refuses it too, but only after the login: the cluster is the one of its own configuration. */
function checkCluster({endpoint}: BuilderInputs, reader: InputReader): void {
  if (endpoint === undefined) return
  const remedy = 'Remove it, and set the context of `kubectl`, or KUBECONFIG, before this step.'
  reader.problem('endpoint', {}, '`driver: kubernetes` has no address of its own: it takes the current cluster', remedy)
}

function checkRemote(inputs: BuilderInputs, reader: InputReader): void {
  if (inputs.endpoint === undefined) {
    const remedy = 'Set `endpoint` to its address, such as tcp://host:1234.'
    reader.problem('endpoint', {}, '`driver: remote` needs the address of a BuildKit', remedy)
  }
  if (inputs.keepState) {
    const remedy = 'Remove it: that BuildKit keeps its state by itself.'
    reader.problem('keep-state', {}, '`driver: remote` uses a BuildKit that somebody else has started', remedy)
  }
  const daemon = builderSettings(inputs).filter((name) => name.startsWith('buildkitd-'))
  for (const name of daemon) {
    const remedy = 'Remove it, or start that BuildKit with it.'
    reader.problem(name, {}, '`driver: remote` uses a BuildKit that somebody else has started', remedy)
  }
}

/** The inputs that were given and that only a new builder can have. */
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
