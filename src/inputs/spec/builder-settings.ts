import type {BuilderInputs} from '../inputs.ts'
import type {InputName} from './spec.ts'

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
