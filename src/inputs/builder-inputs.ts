import type {InputReader} from './input-reader.ts'
import type {BuilderInputs, Mirror, NodeInput} from './inputs.ts'
import {builderSettings} from './spec/builder-settings.ts'
import {inputSpecs} from './spec/spec.ts'

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
  await checkTogether(inputs, reader)
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

/** Reports every combination of inputs that is not allowed. Most runs set none of these inputs. */
async function checkTogether(inputs: BuilderInputs, reader: InputReader): Promise<void> {
  if (inputs.driver === 'auto' && reader.text('builder') === '' && builderSettings(inputs).length === 0) return
  const {checkBuilderInputs} = await import('./spec/builder-checks.ts')
  checkBuilderInputs(inputs, reader)
}
