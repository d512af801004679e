import {inputText, type JobStep} from '../job-model.ts'
import type {Remarks} from '../remark-list.ts'
import {usesOutput} from '../values/own-lines.ts'

/** Notes that an image which is pushed gets standard labels that the Docker actions did not set. */
export function noteLabels(build: JobStep, meta: JobStep | undefined, remarks: Remarks): void {
  if (meta !== undefined && usesOutput(build, meta, 'labels')) return
  remarks.note(
    'labels-added',
    build.step.place,
    inputText(build, 'labels') === ''
      ? 'the image gets standard labels, which it did not have'
      : 'the image gets the standard labels that `labels` does not name, too',
    'Write `none` on a line of `labels` to have none of them.',
  )
}
