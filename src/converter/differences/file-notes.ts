import type {Place} from '../../workflow-file/workflow.ts'
import {inputText, linesOf, type JobModel, type JobStep} from '../job-model.ts'
import type {BuildPlan} from '../plan-build.ts'
import type {PlannedJob} from '../plan-job.ts'
import type {Remarks} from '../remark-list.ts'
import {usesOutput} from '../values/own-lines.ts'

/** Notes what changes for all builds of a file alike, at the first of them. */
export function noteFile(planned: readonly PlannedJob[], action: string, remarks: Remarks): void {
  notePins(planned, action, remarks)
  const builds = planned.flatMap(({model, plan}) => plan.builds.map((build) => ({model, build})))
  const published = builds.filter(({build}) => build.push.kind !== 'local')
  const [attested, ...attestedLater] = published.filter(({model, build}) => hasDefaultProvenance(model, build))
  if (attested !== undefined)
    remarks.note(
      'provenance-mode',
      attested.build.build.step.place,
      'in a public repository, docker/build-push-action adds the provenance `mode=max`; Tagboat adds `mode=min`, without build arguments' +
        furtherLines(attestedLater),
      'Write `provenance: mode=max` to keep it.',
    )
  const [annotated, ...annotatedLater] = published.filter(({build}) => getsAnnotations(build))
  if (annotated !== undefined)
    remarks.note(
      'annotations-added',
      annotated.build.build.step.place,
      `the image gets standard annotations, which it did not have${furtherLines(annotatedLater)}`,
      'Write `none` on a line of `annotations` to have none of them.',
    )
}

/** End of a message that also counts for other builds. */
function furtherLines(builds: readonly {readonly build: BuildPlan}[]): string {
  const lines = builds.map(({build: {build}}) => build.step.place.line)
  return lines.length === 0 ? '' : ` (also line ${lines.join(', ')})`
}

/** Notes that actions were pinned by a commit, if Tagboat is not. */
function notePins(planned: readonly PlannedJob[], action: string, remarks: Remarks): void {
  if (isPinned(action)) return
  const places = planned.flatMap(({plan}) =>
    [...plan.removed, ...plan.rewrites.map(({step}) => step)].flatMap(({step}) => pinPlace(step)),
  )
  const first = places.toSorted((a, b) => a.start - b.start)[0]
  if (first !== undefined)
    remarks.note(
      'pin-dropped',
      first,
      `actions were pinned by a commit, and \`${action}\` is not`,
      'Write the commit of a release, such as `tagboat/tagboat@<commit> # v1.2.3`.',
    )
}

function pinPlace({uses}: JobStep['step']): readonly Place[] {
  return uses !== undefined && isPinned(uses.text) ? [uses.place] : []
}

function isPinned(uses: string): boolean {
  return /@[0-9a-f]{40}\b/.test(uses)
}

function hasDefaultProvenance({env}: JobModel, {build}: BuildPlan): boolean {
  const variable = 'BUILDX_NO_DEFAULT_ATTESTATIONS'
  return (
    build.kind === 'build' &&
    !build.step.with.has('provenance') &&
    !inputText(build, 'attests').includes('type=provenance') &&
    !env.has(variable) &&
    !build.step.env.has(variable)
  )
}

function getsAnnotations({build, meta, action}: BuildPlan): boolean {
  const hasOwn = meta !== undefined && usesOutput(build, meta, 'annotations')
  return action === 'publish' && !hasOwn && !linesOf(inputText(build, 'annotations')).includes('none')
}
