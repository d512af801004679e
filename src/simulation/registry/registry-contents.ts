import {isDigest, type Digest} from '../../oci/digest.ts'
import {isTag} from '../../oci/reference.ts'
import {isJson, linesOfJson, type NumberedLine} from './json-lines.ts'

/** Image that a tag of the simulated registries points to. A fact that is not given is undefined. */
export interface HeldTag {
  /** Name of the repository; undefined for a tag that all repositories of the run have. */
  readonly repository: string | undefined
  readonly tag: string
  readonly version: string | undefined
  readonly commit: string | undefined
  readonly digest: Digest | undefined
  /** Date of the commit. */
  readonly date: string | undefined
}

/** Tags that the registries hold before the run. */
export interface RegistryContents {
  readonly tags: readonly HeldTag[]
}

/** Line that is not a tag, from 1. */
export interface RegistryProblem {
  readonly line: number
  readonly message: string
  readonly remedy: string
}

/** Lines that are not tags. */
interface RegistryProblems {
  readonly problems: readonly RegistryProblem[]
  /** Contents by the other lines. */
  readonly others: RegistryContents
}

/**
 * Parses the tags that registries hold, one per line: a tag or a reference, then what is known about its image, in any
 * order: `latest 1.2.2 860c190 2026-01-01`, or `latest version=1.2.2 commit=860c190`. JSON of registries and tools is a list
 * of such lines.
 */
export function parseRegistryTags(text: string): {readonly contents: RegistryContents} | RegistryProblems {
  const written = isJson(text) ? linesOfJson(text) : {lines: text.split(/\r\n|\r|\n/).map(numbered)}
  if ('problem' in written) return {problems: [written.problem], others: {tags: []}}
  const lines = written.lines.map(parseLine)
  const problems = lines.flatMap((one) => (one !== undefined && 'message' in one ? [one] : []))
  const contents = {tags: lines.flatMap((one) => (one !== undefined && 'tag' in one ? [one] : []))}
  return problems.length > 0 ? {problems, others: contents} : {contents}
}

function numbered(text: string, index: number): NumberedLine {
  return {text, number: index + 1}
}

/** Names of facts that a line can write, with the fact that each is. */
const factNames = {
  version: 'version',
  commit: 'commit',
  revision: 'commit',
  digest: 'digest',
  created: 'date',
  date: 'date',
} as const

type Fact = (typeof factNames)[keyof typeof factNames]

const usage = 'Write a tag and what is known about its image: `1.2 1.2.3 860c190 2026-01-31`.'

function parseLine({text, number: line}: NumberedLine): HeldTag | RegistryProblem | undefined {
  const [name = '', ...values] = text
    .replace(/(?:^|\s)#.*$/, '')
    .split(/[\s,]+/)
    .filter((word) => word !== '')
  if (name === '') return undefined
  const place = placeOf(name)
  if (place === undefined) return {line, message: `${name} is not a tag`, remedy: usage}
  const facts = new Map<Fact, string>()
  for (const value of values) {
    const fact = factOf(value)
    if (fact === undefined) return {line, message: `${value} is not a version, commit, digest or date`, remedy: usage}
    if (facts.has(fact[0])) return {line, message: `there are two values for ${fact[0]}`, remedy: 'Remove one of them.'}
    facts.set(...fact)
  }
  const digest = facts.get('digest')
  const [version, commit, date] = (['version', 'commit', 'date'] as const).map((fact) => facts.get(fact))
  return {...place, version, commit, date, digest: digest !== undefined && isDigest(digest) ? digest : undefined}
}

/** Repository and tag of a name: `ghcr.io/octocat/app:latest`, or the tag alone. */
function placeOf(name: string): Pick<HeldTag, 'repository' | 'tag'> | undefined {
  const at = name.lastIndexOf(':')
  const [repository, tag] = at < 0 ? [undefined, name] : [name.slice(0, at), name.slice(at + 1)]
  if (!isTag(tag) || (repository !== undefined && !repository.includes('/'))) return undefined
  return {repository, tag}
}

function factOf(value: string): readonly [Fact, string] | undefined {
  const [, name = '', text = ''] = /^([a-z]+)=(.+)$/.exec(value) ?? []
  if (name !== '') {
    const known = Object.entries(factNames).find(([one]) => one === name)
    return known !== undefined && accepts[known[1]](text) ? [known[1], text] : undefined
  }
  const fact = (['digest', 'date', 'version', 'commit'] as const).find((one) => looksLike[one](value))
  return fact === undefined ? undefined : [fact, value]
}

const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text))
const isHex = (text: string): boolean => /^[0-9a-f]{4,64}$/i.test(text)

const accepts: Readonly<Record<Fact, (text: string) => boolean>> = {
  digest: isDigest,
  date: isDate,
  version: (text) => /^\S+$/.test(text),
  commit: isHex,
}

/** Recognition of a value without its name. A hash with a letter is a commit; digits alone can be a version. */
const looksLike: Readonly<Record<Fact, (text: string) => boolean>> = {
  digest: isDigest,
  date: isDate,
  version: (text) => /^v?\d+\.\d[\w.+-]*$/.test(text),
  commit: (text) => isHex(text) && text.length >= 7,
}
