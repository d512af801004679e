import {formatTagRef} from '../oci/reference.ts'
import {statedVersion} from '../tags/versions/version-order.ts'
import type {OutcomeWords} from './outcome-words.ts'
import type {Report} from './report.ts'

const promotedWords: OutcomeWords = {
  done: 'Promoted',
  already: 'Already promoted',
  partly: 'Partly promoted',
  not: 'Not promoted',
}

/** Report of a promote, in its own words, and with the commit of the image in place of that of the run. */
export function promoteReport(report: Report): Report {
  const words = isRolledBack(report) ? {...promotedWords, done: 'Rolled back to'} : promotedWords
  const origin = imageOrigin(report)
  return {...report, words, ...(origin && {origin})}
}

/** Reports whether a tag was moved to the image from one that states a higher version. */
function isRolledBack({plan, rows = [], staged, versions}: Report): boolean {
  const roles = new Map(plan.tags.map(({reference, role}) => [formatTagRef(reference), role]))
  return rows.some(({reference, outcome, before, after}) => {
    const role = roles.get(formatTagRef(reference))
    if (outcome !== 'moved' || after !== staged?.digest || before === undefined) return false
    return role?.kind === 'version-line' && (statedVersion(role, versions?.get(before))?.order ?? 0) > 0
  })
}

/** Commit that the image states. It is linked if its page is on the server of the run. */
function imageOrigin({origin, promoted}: Report): Report['origin'] {
  if (origin === undefined || promoted === undefined || promoted.revision === origin.sha) return origin
  const {revision = '', source = ''} = promoted
  const server = /^https?:\/\/[^/]+\//.exec(origin.runUrl ?? '')?.[0]
  const isKnown = /^[0-9a-f]{40,64}$/.test(revision) && server !== undefined && source.startsWith(server)
  const commitUrl = isKnown ? `${source.replace(/\.git$/, '')}/commit/${revision}` : undefined
  return {...origin, sha: revision, commitUrl}
}
