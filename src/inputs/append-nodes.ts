import {parsePlatform, type Platform} from '../oci/platform.ts'
import {formatDriverOption, notAnOption, optionRemedy} from './syntax/driver-option.ts'
import {isOption, optionReason, optionRemedy as endpointRemedy, type InputReader, type Place} from './input-reader.ts'
import type {BuilderInputs, NodeInput} from './inputs.ts'
import type {YamlItem} from './syntax/yaml-item.ts'
import {YamlList} from './syntax/yaml-list.ts'

/** Reads the input `append`: a YAML list of nodes, in the format of docker/setup-buildx-action. */
export function readAppend(reader: InputReader, driver: BuilderInputs['driver']): readonly NodeInput[] {
  const list = new YamlList(reader, 'append', words)
  const names = new Set<string>()
  return list.items().map((item) => {
    const node = readNode(item, list)
    checkNode(node, item, {list, driver, names})
    return node
  })
}

const words = {
  item: 'node',
  example: 'Write a YAML list: each node begins with "- endpoint:" or "- name:".',
  keys: ['name', 'endpoint', 'driver-opts', 'buildkitd-flags', 'platforms'],
  holdsSecrets: false,
} as const

function readNode({map}: YamlItem, list: YamlList): NodeInput {
  const text = (key: string): string | undefined => {
    const value = list.text(map, key)
    return value === '' ? undefined : value
  }
  return {
    name: text('name'),
    endpoint: text('endpoint'),
    driverOpts: list.texts(map, 'driver-opts').flatMap(({text: written, place}) => {
      const option = formatDriverOption(written)
      if (option !== undefined) return [option]
      list.problem(place, notAnOption, optionRemedy)
      return []
    }),
    buildkitdFlags: text('buildkitd-flags'),
    platforms: list.texts(map, 'platforms').flatMap(({text: names, place}) =>
      names.split(',').flatMap((name): Platform[] => {
        if (name.trim() === '') return []
        const platform = parsePlatform(name)
        if (platform !== undefined) return [platform]
        list.problem(place, 'this is not a platform', 'Write os/architecture, such as linux/arm64.')
        return []
      }),
    ),
  }
}

interface NodeCheck {
  readonly list: YamlList
  readonly driver: BuilderInputs['driver']
  /** Names of the preceding nodes. */
  readonly names: Set<string>
}

/** Checks a node. Buildx makes the same checks, but only after it has created the first node. */
function checkNode(
  {name, endpoint, buildkitdFlags}: NodeInput,
  item: YamlItem,
  {list, driver, names}: NodeCheck,
): void {
  const at = (key: string): Place => list.keyPlace(item, key)
  if (driver === 'remote' && endpoint === undefined) {
    list.problem(item.place, 'a node of the driver remote requires an endpoint', 'Write "endpoint: tcp://host:port".')
  }
  if (driver === 'kubernetes' && endpoint !== undefined) {
    list.problem(
      at('endpoint'),
      'a node of the driver kubernetes has no endpoint: it runs in the current cluster',
      'Remove endpoint.',
    )
  }
  if (driver === 'remote' && buildkitdFlags !== undefined) {
    const remedy = 'Remove buildkitd-flags, or start the remote BuildKit daemon with them.'
    list.problem(at('buildkitd-flags'), 'a node of the driver remote is already running', remedy)
  }
  if (endpoint !== undefined && isOption(endpoint))
    list.problem(at('endpoint'), `endpoint: ${optionReason}`, endpointRemedy)
  if (name === undefined) return
  if (!/^[a-zA-Z][a-zA-Z0-9._-]*$/.test(name)) {
    list.problem(
      at('name'),
      'a node name may only contain letters, digits, ".", "-" and "_"',
      'Start it with a letter.',
    )
  }
  if (names.has(name)) list.problem(at('name'), 'another node has the same name', 'Use a different name for each node.')
  names.add(name)
}
