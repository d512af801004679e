import type {GitContext} from '../context/git-context.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import type {TagRule} from '../tags/rules/rule.ts'

interface TagsQuestion {
  readonly inputs: Pick<Inputs, 'image' | 'build' | 'publish'>
  readonly rules: readonly TagRule[]
  readonly context: Pick<GitContext, 'repository'>
}

/**
 * Reports literal tags that are probably names of images. docker/build-push-action reads `tags: app` as the image
 * `app:latest`; here it is the tag `app` of the default image.
 */
export function reportImageNames({inputs, rules, context}: TagsQuestion, problems: Problems): void {
  const {image, build, publish} = inputs
  if (image.images.length > 0) return
  const {owner, name} = context.repository
  const isForEngine = build.load && publish.push === 'false'
  for (const rule of rules) {
    if (rule.kind !== 'raw' || !rule.literal || rule.source.origin !== 'tags') continue
    const {value, source} = rule
    if (!mayBeImage(value) || !(isForEngine || isNamedAfter(value, name))) continue
    const message = `"${value}" is a tag of ghcr.io/${owner}/${name}; for an image of that name, write "${value}:latest"`
    problems.notice({input: 'tags', line: source.line, message})
  }
}

/** Reports whether a literal tag can be the name of an image, and is not a version, an expression or `latest`. */
function mayBeImage(word: string): boolean {
  return /^[a-z][a-z0-9._-]*$/.test(word) && !/^v\d/.test(word) && word !== 'latest'
}

function isNamedAfter(word: string, repository: string): boolean {
  const name = repository.toLowerCase()
  return name !== '' && word.startsWith(name) && /^(?:[._-]|$)/.test(word.slice(name.length))
}
