import type {Place, Written, WrittenMap} from '../../workflow-file/workflow.ts'
import {inputPlace, inputText, type JobModel, type JobStep} from '../job-model.ts'
import type {Remarks} from '../remark-list.ts'
import {newEntry, quoted, type EntryText} from '../text/entry-text.ts'

const summary = 'DOCKER_BUILD_SUMMARY'
/** Older name, with the opposite meaning. It counts before the other one. */
const noSummary = 'DOCKER_BUILD_NO_SUMMARY'

/** Spellings of docker/build-push-action. */
const yes: readonly string[] = ['1', 't', 'T', 'true', 'TRUE', 'True']
const no: readonly string[] = ['0', 'f', 'F', 'false', 'FALSE', 'False']

/** Variables of docker/build-push-action without a meaning in Tagboat, with the effect that is lost. */
const unused: ReadonlyMap<string, string> = new Map([
  [summary, 'the input `summary` takes its place'],
  [noSummary, 'the input `summary` takes its place'],
  ['DOCKER_BUILD_RECORD_UPLOAD', 'Tagboat uploads no build record'],
  ['DOCKER_BUILD_RECORD_RETENTION_DAYS', 'Tagboat uploads no build record'],
  ['DOCKER_BUILD_EXPORT_RETENTION_DAYS', 'Tagboat uploads no build record'],
  ['DOCKER_BUILD_CHECKS_ANNOTATIONS', 'warnings of the checks are always annotations'],
])

/** Input `summary` with the value of the variable that switched the summary off. */
export function summaryEntries({workflow, job}: JobModel, build: JobStep): readonly EntryText[] {
  const envs = [build.step.env, job.env, workflow.env]
  const [written, opposite] = [summary, noSummary].map((name) => levels(envs, name)[0]?.text.trim() ?? '')
  const isOff = opposite === '' ? no.includes(written ?? '') : yes.includes(opposite ?? '')
  if (isOff) return [newEntry('summary', 'false')]
  return opposite === '' && written?.includes('${{') === true ? [newEntry('summary', quoted(written))] : []
}

/** Notes the variables whose effect is another one, or none. */
export function noteVariables(
  model: JobModel,
  {builds, metas}: {readonly builds: readonly JobStep[]; readonly metas: readonly JobStep[]},
  remarks: Remarks,
): void {
  const {workflow, job} = model
  const shared = [workflow.env, job.env]
  const ofSteps = builds.map(({step}) => step.env)
  for (const [name, reason] of unused)
    for (const {key} of levels([...shared, ...ofSteps], name))
      remarks.note('variable-unused', key, `\`${name}\` has no effect any more: ${reason}`)
  const envs = [...shared, ...ofSteps, ...metas.map(({step}) => step.env)]
  for (const place of sourceDatePlaces(model, builds, envs))
    remarks.note(
      'source-date',
      place,
      `\`${sourceDate}\` is the time of the image, and now also that in labels and annotations`,
      'Name `org.opencontainers.image.created` in `labels` to have another time there.',
    )
}

const sourceDate = 'SOURCE_DATE_EPOCH'

/** Places that give a build its time. */
function sourceDatePlaces(
  {steps}: JobModel,
  builds: readonly JobStep[],
  envs: readonly WrittenMap[],
): readonly Place[] {
  const last = builds.at(-1)?.index ?? -1
  const scripts = steps.filter(({index, step}) => index < last && writesSourceDate.test(step.run?.text ?? ''))
  const args = builds.filter((build) => /^[ \t]*SOURCE_DATE_EPOCH=/m.test(inputText(build, 'build-args')))
  return [
    ...levels(envs, sourceDate).map(({key}) => key),
    ...scripts.map(({step}) => step.run?.key ?? step.place),
    ...args.map((build) => inputPlace(build, 'build-args')),
  ]
}

const writesSourceDate = /\bSOURCE_DATE_EPOCH(?:=|<<)[^\n]*\bGITHUB_ENV\b/

function levels(maps: readonly WrittenMap[], name: string): readonly Written[] {
  return maps.flatMap((map) => map.get(name) ?? [])
}
