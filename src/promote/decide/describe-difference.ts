import type {ErrorDetails} from '../../errors/error.ts'
import {aroundPart, parseTagNames, describePart, type Difference} from '../../plan/build-definition.ts'
import type {ImageDifference} from '../../reasons/release-reasons.ts'
import type {Standing} from './same-release.ts'
import type {RunFacts} from './tag-decision.ts'

type Made = Pick<RunFacts, 'tags' | 'build'>

/** How an image was made, as far as it tells it from the other one: a clause for the end of a line; empty: that is not it. */
export function describeBuild(
  standing: Standing | undefined,
  {tags, build}: Made,
  side: 'current' | 'thisRun',
): string {
  switch (standing?.kind) {
    case 'build':
      return `${madeFor(tags)}, made from ${listed(standing.differences.map((one) => describeSide(one, side)))}`
    case 'tags':
      return madeFor(tags)
    case 'unsaid':
      return build === undefined ? ', and does not say what it was made from' : ''
    default:
      return ''
  }
}

/** Both sides of the differences between two images of one commit. */
export function imageDifference(differences: readonly Difference[]): ImageDifference {
  return {
    current: shortened(differences.map((one) => describeSide(one, 'current'))),
    thisRun: shortened(differences.map((one) => describeSide(one, 'thisRun'))),
  }
}

/** Message and remedy of a refusal, where the tags hold images of this commit; nothing for those of another one. */
export function explainStandings(standings: readonly Standing[]): Pick<ErrorDetails, 'message' | 'remedy'> {
  if (standings.some(({kind}) => kind === 'commit')) return {}
  const differences = standings.flatMap((one) => (one.kind === 'build' ? one.differences : []))
  if (standings.some(({kind}) => kind === 'unsaid') && differences.length === 0) return unsaid
  const names = differences.flatMap(({name}) => (name.startsWith('arg:') ? name.slice('arg:'.length) : []))
  const isByArguments = differences.length > 0 && names.length === differences.length
  const isByPackaging = differences.length > 0 && differences.every(({name}) => name === aroundPart)
  return {
    message: 'An exact tag exists already and holds another image of this commit.',
    remedy: isByArguments ? argumentRemedy(names) : isByPackaging ? packagingRemedy : remedy,
  }
}

const remedy =
  'Give each image exact tags of its own (`suffix` in `flavor` or in the rule, `variant`). To leave the tag to the image that has it, set `if-exists: skip`; to replace it on purpose, `if-exists: overwrite`.'

const packagingRemedy =
  'The packaged commit is the same, and the commit of the repository around it is not. Give each packaging a tag of its own (such as `suffix=-2` in the rule). To keep what is published, set `if-exists: skip`; to replace it on purpose, `if-exists: overwrite`.'

function argumentRemedy(names: readonly string[]): string {
  return `Two images need exact tags of their own. If they are meant to be the same, give ${listed(names)} the same value in every run of a commit: a date or a run number belongs in \`labels\`. To keep what is published, set \`if-exists: skip\`; to replace it on purpose, \`if-exists: overwrite\`.`
}

const unsaid: Pick<ErrorDetails, 'message' | 'remedy'> = {
  message:
    'A part of the exact tags exists already, and what they hold does not say what it was made from: whether the others belong to it cannot be told.',
  remedy:
    'Release under a new version. Or complete the release with the tool that began it; or set `if-exists: overwrite` to build all of it again, `if-exists: skip` to build for the missing tags alone.',
}

function madeFor(tags: string | undefined): string {
  const names = parseTagNames(tags ?? '')
  return names.length === 0 ? '' : `, made for ${listed(names)}`
}

function describeSide({name, current, thisRun}: Difference, side: 'current' | 'thisRun'): string {
  return describePart(name, side === 'current' ? current : thisRun)
}

/** More would hide what counts. */
const most = 8

function listed(texts: readonly string[]): string {
  return shortened(texts).join(', ')
}

function shortened(texts: readonly string[]): readonly string[] {
  const rest = texts.length - most
  return [...texts.slice(0, most), ...(rest > 0 ? [`${rest} more`] : [])]
}
