import type {Attribute} from '../syntax/attributes.ts'
import {identityAttributes} from './demand.ts'

/** Attributes whose values are patterns. */
const patternAttributes = ['predicate', ...identityAttributes] as const

type PatternAttribute = (typeof patternAttributes)[number]

/** Pattern that accepts too much, or nothing. */
interface PatternProblem {
  readonly message: string
  readonly remedy: string
  readonly at: Attribute
}

/**
 * Finds patterns that accept signers of any owner, and those that nothing can match. `*` matches characters without a
 * slash.
 */
export function patternProblems(found: ReadonlyMap<string, Attribute>): readonly PatternProblem[] {
  return patternAttributes.flatMap((name) => {
    const at = found.get(name)
    const problem = at === undefined ? undefined : problemOf(name, at.value, found)
    return at === undefined || problem === undefined ? [] : [{...problem, at}]
  })
}

function problemOf(
  name: PatternAttribute,
  value: string,
  found: ReadonlyMap<string, Attribute>,
): Omit<PatternProblem, 'at'> | undefined {
  if (value.includes('**')) {
    const remedy = 'Write one `*` for each part between slashes: refs/heads/*/* matches refs/heads/fix/login.'
    return {message: `\`${name}\` contains \`**\`, but \`*\` matches characters without a slash`, remedy}
  }
  switch (name) {
    case 'issuer':
      return value.includes('*')
        ? {message: '`issuer` contains `*`', remedy: 'Write the address of the one issuer to trust.'}
        : undefined
    case 'signer':
      return signerProblem(value, found.has('issuer'))
    case 'workflow':
      return value.includes('@')
        ? {message: '`workflow` contains a ref', remedy: 'Write the path alone, and add ref=refs/heads/main.'}
        : undefined
    case 'predicate':
      return /^[a-z]+:\/\/[^/]*\*/.test(value)
        ? {message: '`predicate` contains `*` in its host', remedy: 'Write the host of the predicate type.'}
        : undefined
    default:
      return undefined
  }
}

const wholeSigner =
  'Write the identity in the certificate, such as https://github.com/acme/ci/.github/workflows/build.yml@refs/heads/main.'

function signerProblem(value: string, hasIssuer: boolean): Omit<PatternProblem, 'at'> | undefined {
  if (value === '*') return {message: 'it accepts every signer', remedy: wholeSigner}
  const [, address] = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/s.exec(value) ?? []
  if (address !== undefined) {
    const [host = '', owner = ''] = address.split('/')
    if (!host.includes('*') && !owner.includes('*')) return undefined
    const remedy =
      'Write them in full, such as https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main.'
    return {message: `\`signer\` contains \`*\` in its ${host.includes('*') ? 'host' : 'owner'}`, remedy}
  }
  const domain = value.slice(value.lastIndexOf('@') + 1)
  if (domain.includes('*') && !value.includes('/')) {
    return {message: '`signer` contains `*` in its domain', remedy: 'Write the domain in full, such as *@acme.example.'}
  }
  return value.includes('@') && !value.includes('/') && !hasIssuer
    ? {
        message: '`signer` is a person, and GitHub Actions is the issuer of workflows only',
        remedy: 'Add issuer= with the issuer of the login, such as https://accounts.google.com.',
      }
    : undefined
}
