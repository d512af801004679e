import {inputText, type JobModel, type JobStep} from '../job-model.ts'
import type {BuildPlan} from '../plan-build.ts'
import type {Remarks} from '../remark-list.ts'

/** Inputs that decide what a build contains. */
const contents = ['context', 'file', 'target', 'build-args']

/** Notes the builds that are only loaded, and whose image a later step builds again or pushes. */
export function noteTestBuilds(model: JobModel, plans: readonly BuildPlan[], remarks: Remarks): void {
  for (const {build, push} of plans) {
    if (push.kind !== 'local' || !isLoaded(build)) continue
    const again = plans.find(
      (one) => one.push.kind === 'publish' && isAfter(one.build, build) && isSame(one.build, build),
    )
    if (again !== undefined)
      remarks.note(
        'built-twice',
        build.step.place,
        `the builds of this line and of line ${again.build.step.place.line} share only their cache, as before`,
        'Move the test to the input `test` of the second one, which then tests the image that it publishes.',
      )
    const pushing = model.steps.find((one) => isAfter(one, build) && pushesImage(one))
    if (pushing !== undefined)
      remarks.note(
        'labels-added',
        build.step.place,
        `the image that line ${pushing.step.place.line} pushes gets standard labels, which it did not have`,
        'Write `none` on a line of `labels` to have none of them.',
      )
  }
}

function isAfter(one: JobStep, other: JobStep): boolean {
  return one.index > other.index
}

function isLoaded(build: JobStep): boolean {
  return inputText(build, 'load') === 'true' || /\btype=docker\b/.test(inputText(build, 'outputs'))
}

function isSame(one: JobStep, other: JobStep): boolean {
  return contents.every((name) => inputText(one, name) === inputText(other, name))
}

function pushesImage({step}: JobStep): boolean {
  return /\bdocker (?:image )?push\b/.test(step.run?.text ?? '')
}
