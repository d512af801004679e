import type {InputReader} from '../input-reader.ts'
import {parseAttributes, type Attribute} from '../syntax/attributes.ts'
import type {ListItem} from '../syntax/lists.ts'
import {suggestion} from '../syntax/nearest.ts'
import {identityAttributes, type Demand, type DemandedSigner} from './demand.ts'
import {patternProblems} from './check-patterns.ts'
import {knownPredicates} from './predicates.ts'

const types = ['signature', 'attestation'] as const
const runners = ['github-hosted', 'self-hosted'] as const
const platforms = ['true', 'false', 'only'] as const
const names = ['type', 'predicate', 'key', 'platforms', ...identityAttributes] as const

type Name = (typeof names)[number]

type Report = (message: string, remedy: string, at?: Attribute) => void

/** Reads a line of `verify`. Undefined if it is not valid, with a problem. */
export function readDemand({text, number: line, column}: ListItem, reader: InputReader): Demand | undefined {
  const reported: string[] = []
  const report: Report = (message, remedy, at) => {
    reported.push(message)
    reader.problem('verify', {line, column: column + (at?.nameColumn ?? 1) - 1}, message, remedy)
  }
  const parsed = parseAttributes(text)
  if (!parsed.ok) {
    reader.problem(
      'verify',
      {line, column: column + parsed.column - 1},
      parsed.reason,
      'Write name=value, separated by commas.',
    )
    return undefined
  }
  const found = collect(parsed.attributes, report)
  for (const {message, remedy, at} of patternProblems(found)) report(message, remedy, at)
  const type = choice(found, 'type', types, report)
  const predicates = predicatesOf(found, type, report)
  const signer = signerOf(found, report)
  const chosen = found.has('platforms') ? choice(found, 'platforms', platforms, report) : defaultPlatforms(type)
  if (reported.length > 0 || type === undefined || signer === undefined || chosen === undefined) return undefined
  const manifests = ({true: 'both', false: 'image', only: 'platforms', either: 'either'} as const)[chosen]
  return {line, text, type, predicates, manifests, signer}
}

/** BuildKit makes provenance and SBOM for each platform, other programs for the index: either is accepted. */
function defaultPlatforms(type: Demand['type'] | undefined): 'false' | 'either' {
  return type === 'attestation' ? 'either' : 'false'
}

/** Attributes by name. Unknown and repeated ones are problems. */
function collect(attributes: readonly Attribute[], report: Report): ReadonlyMap<Name, Attribute> {
  const found = new Map<Name, Attribute>()
  for (const attribute of attributes) {
    const written = attribute.name ?? attribute.value
    const name = names.find((one) => one === written)
    if (name === undefined) {
      report(`"${written}" is not an attribute of \`verify\``, suggestion(written, names), attribute)
    } else if (found.has(name)) {
      report(`\`${name}\` is written twice`, 'Write one line for each demand.', attribute)
    } else if (attribute.value === '' && name !== 'key') {
      report(`\`${name}\` is empty`, 'Write a value, or remove it.', attribute)
    } else {
      found.set(name, attribute)
    }
  }
  return found
}

function choice<T extends string>(
  found: ReadonlyMap<Name, Attribute>,
  name: Name,
  choices: readonly T[],
  report: Report,
): T | undefined {
  const attribute = found.get(name)
  const match = choices.find((one) => one === attribute?.value && attribute.name === name)
  if (match === undefined) {
    const remedy = `Write ${choices.map((one) => `${name}=${one}`).join(' or ')}.`
    report(
      attribute === undefined ? `\`${name}\` is missing` : `"${attribute.value}" is not a value of \`${name}\``,
      remedy,
      attribute,
    )
  }
  return match
}

function predicatesOf(
  found: ReadonlyMap<Name, Attribute>,
  type: Demand['type'] | undefined,
  report: Report,
): readonly string[] {
  const attribute = found.get('predicate')
  if (type === 'signature' && attribute !== undefined) {
    report('a signature has no predicate', 'Write type=attestation, or remove `predicate`.', attribute)
  }
  if (type !== 'attestation') return []
  const written = attribute?.value ?? ''
  const known = knownPredicates.get(written)
  if (known !== undefined) return known
  if (/^https:\/\/[^\s/]+\/./.test(written)) return [written]
  const remedy = `Write predicate= with ${[...knownPredicates.keys()].join(', ')}, or the address of the predicate type.`
  report(attribute === undefined ? '`predicate` is missing' : `"${written}" is not a predicate type`, remedy, attribute)
  return []
}

function signerOf(found: ReadonlyMap<Name, Attribute>, report: Report): DemandedSigner | undefined {
  const key = found.get('key')
  const identity = identityAttributes.flatMap((name) => found.get(name) ?? [])
  const [first] = identity
  if (key !== undefined) {
    if (first !== undefined) {
      report(
        `a key has no \`${first.name ?? ''}\``,
        'Write one line for the key, and another one for the certificate.',
        first,
      )
    }
    return {kind: 'key', name: key.name === undefined || key.value === '' ? undefined : key.value}
  }
  if (!found.has('repository') && !found.has('signer')) {
    const remedy = 'Write repository=OWNER/NAME, signer= with the identity in the certificate, or key.'
    report('it accepts every signer', remedy)
  }
  checkIdentity(found, report)
  const values = identityAttributes.flatMap((name) => {
    const attribute = found.get(name)
    return attribute === undefined ? [] : [[name, attribute.value] as const]
  })
  return {kind: 'certificate', ...Object.fromEntries(values)}
}

function checkIdentity(found: ReadonlyMap<Name, Attribute>, report: Report): void {
  const repository = found.get('repository')
  if (repository !== undefined && !/^[^/*\s]+\/[^/\s]+$/.test(repository.value)) {
    report(
      `"${repository.value}" is not a repository`,
      'Write OWNER/NAME, such as acme/app, or acme/* for each of its repositories.',
      repository,
    )
  }
  const workflow = found.get('workflow')
  if (workflow !== undefined && repository === undefined) {
    report(
      '`workflow` needs `repository`',
      'Add repository=OWNER/NAME, or write signer= with the address of the workflow.',
      workflow,
    )
  }
  if (
    workflow !== undefined &&
    !/@|\*\*/.test(workflow.value) &&
    !/^\.(?:github|gitea|forgejo)\/workflows\/[^/]+$/.test(workflow.value)
  ) {
    report(`"${workflow.value}" is not the path of a workflow`, 'Write it as .github/workflows/release.yml.', workflow)
  }
  const ref = found.get('ref')
  if (ref !== undefined && !/^refs\/[^/]+\/./.test(ref.value)) {
    report(`"${ref.value}" is not a whole ref`, 'Write it as refs/heads/main or refs/tags/v*.', ref)
  }
  if (found.has('runner')) choice(found, 'runner', runners, report)
  const id = found.get('repository-id')
  if (id !== undefined && !/^\d+$/.test(id.value)) {
    report(
      `"${id.value}" is not the number of a repository`,
      'Write the number that `gh api repos/OWNER/NAME --jq .id` prints.',
      id,
    )
  }
}
