import type {YAMLMap} from 'yaml'
import type {Place} from '../input-reader.ts'

/** Words and keys for the list of an input. */
export interface YamlListWords {
  /** Name of an item, such as `login`. */
  readonly item: string
  /** Remedy with the format of the list. */
  readonly example: string
  readonly keys: readonly string[]
  /** Whether an unknown key must not be quoted, because it may be a secret in the wrong place. */
  readonly holdsSecrets: boolean
  /** Key of a secret. YAML must keep its whole text, also if that has the characters of a comment. */
  readonly secretKey?: string
  /** Names of keys in other actions, with the key of each. With them, `_` in a name is the same as `-`. */
  readonly otherNames?: ReadonlyMap<string, string>
  /** Words that are written instead of a key, with the key of each. */
  readonly slips?: ReadonlyMap<string, string>
}

/** Item of the list: a map with checked keys and text values. */
export interface YamlItem {
  readonly map: YAMLMap
  readonly place: Place
}

/** Text of a key of an item. */
export interface YamlEntry {
  /** Name of the key, as it is written. */
  readonly name: string
  readonly text: string
  /** Position of the key. */
  readonly place: Place
}
