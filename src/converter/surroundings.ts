import {inputPlace, type JobModel, type JobStep} from './job-model.ts'
import type {Remarks} from './remark-list.ts'
import {droppedBuilderInputs, emulatorEntries, reasonToKeepBuilder, reasonToKeepEmulators} from './rules/builder.ts'
import {loginsOf, type Logins} from './rules/logins.ts'
import {keptCloudLogins} from './rules/cloud-logins.ts'
import {stepText} from './step-text.ts'

/** Steps around the builds that Tagboat takes over. */
export interface Surroundings {
  readonly logins: Logins
  readonly buildx: readonly JobStep[]
  readonly qemu: readonly JobStep[]
}

/** Divides the steps around the builds. With a reason, all logins stay. */
export function surroundingsOf(
  model: JobModel,
  builds: readonly JobStep[],
  {
    remarks,
    reasonForLogins,
    cloudSteps,
  }: {
    readonly remarks: Remarks
    readonly reasonForLogins: string | undefined
    readonly cloudSteps: readonly JobStep[]
  },
): Surroundings {
  const found = loginsOf(model, builds, reasonForLogins)
  const logins = {...found, taken: found.taken.filter((login) => !cloudSteps.includes(login))}
  for (const {login, reason} of logins.kept) remarks.kept('login-kept', login.step.place, `the login stays: ${reason}`)
  for (const {step} of keptCloudLogins(model, builds, cloudSteps))
    remarks.kept('login-kept', step.place, 'the login stays: other steps, or the inputs, may need its cloud or outputs')
  const takeable = (kind: 'buildx' | 'qemu', reason: (step: JobStep) => string | undefined): readonly JobStep[] =>
    model.steps.filter((step) => {
      if (step.kind !== kind) return false
      const found = reason(step)
      if (found === undefined) return true
      const what =
        kind === 'buildx' ? 'the step that creates the builder stays' : 'the step that installs emulators stays'
      remarks.kept(
        kind === 'buildx' ? 'builder-kept' : 'qemu-kept',
        step.step.place,
        `${what}: ${found}`,
        'Remove the step if this is not needed: Tagboat then creates what the build needs.',
      )
      return false
    })
  const buildx = takeable('buildx', (step) => reasonToKeepBuilder(model, step, stepText))
  const qemu = takeable('qemu', (step) => reasonToKeepEmulators(model, step, stepText))
  noteDropped({buildx, qemu}, remarks)
  return {logins, buildx, qemu}
}

function noteDropped({buildx, qemu}: Pick<Surroundings, 'buildx' | 'qemu'>, remarks: Remarks): void {
  for (const step of buildx)
    for (const name of droppedBuilderInputs(step))
      remarks.note(
        'input-dropped',
        inputPlace(step, name),
        `\`${name}\` of docker/setup-buildx-action has no counterpart`,
      )
  for (const step of qemu)
    if (step.step.with.has('image') && emulatorEntries(step).length === 0)
      remarks.note(
        'input-dropped',
        inputPlace(step, 'image'),
        '`image` of docker/setup-qemu-action is not pinned by a digest, so the image of Tagboat is used',
      )
}
