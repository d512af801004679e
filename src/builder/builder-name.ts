import path from 'node:path'
import {digestOf} from '../oci/digest.ts'

/** Prefix of the names of builders that Tagboat creates. Names of the user's builders may have it too. */
export const ownNamePrefix = 'tagboat-'
const keptPrefix = `${ownNamePrefix}kept-`

interface RunNumber {
  readonly id: string
  readonly attempt: string
}

/** Name of the builder of a run: `tagboat-<run id>-<attempt>-<first part of the UUID chance>`. */
export function runBuilderName({id, attempt}: RunNumber, chance: string): string {
  return `${ownNamePrefix}${id === '' ? 'local' : id}-${attempt === '' ? '1' : attempt}-${chance.slice(0, 8)}`
}

/**
 * Names of builders that keep their cache, in the order to try them: one per concurrent run of a repository on this
 * machine. Repositories do not share a cache, since the content of one could reach the other.
 */
export function keptBuilderNames(repository: string): readonly string[] {
  const hash = digestOf(new TextEncoder().encode(repository)).slice('sha256:'.length)
  return Array.from({length: keptAtOnce}, (_, slot) => `${keptPrefix}${hash.slice(0, 10)}-${slot}`)
}

/** Number of names; a single digit, so that no name is a prefix of another. */
const keptAtOnce = 10

export function isKeptName(name: string): boolean {
  return name.startsWith(keptPrefix)
}

const ownName = /^tagboat-(?:(?:\d+|local)-\d+-[0-9a-f]{8}|kept-[0-9a-f]{10}-\d)/

/**
 * Reports whether a builder name has the form that Tagboat creates. A user's builder may be called `tagboat-arm-farm`.
 */
export function isOwnName(name: string): boolean {
  return builderOfNode(name) === name
}

/**
 * Name of the Tagboat builder that a node belongs to: the node name without its number or `-<name>`; undefined for
 * other nodes.
 */
export function builderOfNode(node: string): string | undefined {
  const [name] = ownName.exec(node) ?? []
  return name !== undefined && /^(?:\d+|-.+)?$/.test(node.slice(name.length)) ? name : undefined
}

/** Directory of the files that state which run uses a kept builder. */
export function claimDirectory(buildxConfig: string): string {
  return path.join(buildxConfig, 'tagboat-claims')
}

/** Text of a claim: marker of the run and time. */
export function claimText(marker: string, now: Date): string {
  return `${marker} ${now.toISOString()}\n`
}

/** Time of a claim in milliseconds since 1970; undefined for another text. */
export function claimTime(text: string): number | undefined {
  const time = Date.parse(text.trim().split(' ')[1] ?? '')
  return Number.isNaN(time) ? undefined : time
}
