import {inputPlace, inputText, type JobModel, type JobStep} from '../job-model.ts'
import type {Remarks} from '../remark-list.ts'

const message =
  'if another commit is checked out than that of the event, revision and commit tags name it, and a branch that does not contain it gives no tag'
const remedy = 'See docs/publishing.md#the-commit.'

/**
 * Notes the steps that may check out another commit than that of the event, before a build that reads the checkout. A
 * build without `context` reads the commit of the event.
 */
export function noteOtherCommit({steps}: JobModel, builds: readonly JobStep[], remarks: Remarks): void {
  const lastBuild = builds.findLast((build) => inputText(build, 'context') !== '')?.index ?? -1
  for (const one of steps) {
    if (one.index > lastBuild) return
    if (one.kind === 'checkout' && checksOutOther(inputText(one, 'ref'), inputText(one, 'repository')))
      remarks.note('other-commit', inputPlace(one, 'ref'), message, remedy)
    if (movesCommit(one.step.run?.text ?? ''))
      remarks.note('other-commit', one.step.run?.key ?? one.step.place, message, remedy)
  }
}

function checksOutOther(ref: string, repository: string): boolean {
  return ref !== '' && repository === '' && !/^\$\{\{\s*github\.(?:sha|ref)\s*\}\}$/.test(ref)
}

/** Reports whether a script has a command after which another commit is checked out. */
export function movesCommit(script: string): boolean {
  return /\bgit(?:\s+-\S+(?:\s+[^\s-]\S*)?)*\s+(?:checkout|switch|reset|commit|merge|rebase|pull|cherry-pick|revert)\b(?!-)/.test(
    script,
  )
}
