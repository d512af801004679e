import {maxExclusionFilters} from '../../oci/ecr.ts'
import {parseBoolean, type InputReader} from '../input-reader.ts'
import {splitKeyValue, type KeyValue} from '../syntax/key-value.ts'
import type {YamlItem} from '../syntax/yaml-item.ts'
import {YamlList} from '../syntax/yaml-list.ts'

/** Settings of a repository in Amazon ECR that a run creates. */
export interface EcrCreate {
  /** Whether tags are immutable, except for floating ones or `mutableTags`; undefined if that is not set. */
  readonly immutable: boolean | undefined
  /** Filters of the tags that can move. Without them, the floating tags of the run can. */
  readonly mutableTags: readonly string[]
  /** Lifecycle policy as JSON, or the path of a file with it. */
  readonly lifecycle: string
  readonly kmsKey: string
  readonly tags: readonly Pick<KeyValue, 'key' | 'value'>[]
  /** Policy of the repository as JSON, or the path of a file with it. */
  readonly policy: string
}

const plain: EcrCreate = {
  immutable: undefined,
  mutableTags: [],
  lifecycle: '',
  kmsKey: '',
  tags: [],
  policy: '',
}

const words = {
  item: 'mapping of settings',
  example: 'Write true, false, or settings such as "immutable: true", one on each line.',
  keys: ['immutable', 'mutable-tags', 'lifecycle', 'kms-key', 'tags', 'policy', 'scan-on-push'],
  holdsSecrets: false,
} as const

const scanRemedy = 'Remove it: scanning is a setting of the registry (aws ecr put-registry-scanning-configuration).'

/** Reads the input `ecr-create`: true, false, or a YAML mapping. Undefined if nothing is created. */
export function readEcrCreate(reader: InputReader): EcrCreate | undefined {
  const all = parseBoolean(reader.text('ecr-create'))
  if (all !== undefined) return all ? plain : undefined
  const list = new YamlList(reader, 'ecr-create', words)
  const item = list.mapping()
  return item === undefined ? undefined : readSettings(item, list)
}

function readSettings(item: YamlItem, list: YamlList): EcrCreate {
  const {map} = item
  const scan = list.entry(map, 'scan-on-push')
  if (scan !== undefined) list.problem(scan.place, 'Amazon ECR no longer has this setting of a repository', scanRemedy)
  const written = list.text(map, 'immutable')
  const immutable = written === '' ? undefined : parseBoolean(written)
  if (written !== '' && immutable === undefined)
    list.problem(list.keyPlace(item, 'immutable'), 'immutable is neither true nor false', 'Write true or false.')
  const filters = list.texts(map, 'mutable-tags')
  for (const {text, place: at} of filters) {
    if (!/^[\w.*-]{1,128}$/.test(text) || text.split('*').length > 3)
      list.problem(at, `"${text}" is not a filter`, 'Write a tag with at most two asterisks, each for any text: v*.')
  }
  if (filters.length > maxExclusionFilters)
    list.problem(
      list.keyPlace(item, 'mutable-tags'),
      `mutable-tags has more than ${maxExclusionFilters} filters`,
      'Combine some of them with an asterisk.',
    )
  if (filters.length > 0 && immutable === false)
    list.problem(
      list.keyPlace(item, 'immutable'),
      'mutable-tags has no effect with immutable: false',
      'Remove one of the two.',
    )
  return {
    immutable: filters.length > 0 ? true : immutable,
    mutableTags: filters.map(({text}) => text),
    lifecycle: list.text(map, 'lifecycle'),
    kmsKey: list.text(map, 'kms-key'),
    tags: list.texts(map, 'tags').flatMap(({text, place: at}) => {
      const pair = splitKeyValue(text)
      if (pair.ok) return [{key: pair.key, value: pair.value}]
      list.problem(at, `tags: ${pair.reason}`, 'Write one key=value per line.')
      return []
    }),
    policy: list.text(map, 'policy'),
  }
}
