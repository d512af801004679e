import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {loadEvent} from './events.ts'
import {Step, type StepOptions} from './runner.ts'

/** Event of a push of a commit. */
export interface Push {
  /** Ref such as `refs/tags/v1.2.3` and `refs/heads/main`. */
  readonly ref: string
  /** Commit ID of 40 hexadecimal digits. */
  readonly sha: string
  /** Commit date (ISO 8601), if the event states it. */
  readonly date?: string | undefined
  readonly runId: string
}

/** Prepares a step for a push. The rest of the event is that of the fixture `push-tag` or `push-default-branch`. */
export async function stepOn(push: Push, options: Omit<StepOptions, 'event'>): Promise<Step> {
  const {ref, sha, date, runId} = push
  const event = ref.startsWith('refs/tags/') ? 'push-tag' : 'push-default-branch'
  const env: Record<string, string | undefined> = {
    GITHUB_REF: ref,
    GITHUB_REF_NAME: ref.replace(/^refs\/(?:heads|tags)\//, ''),
    GITHUB_SHA: sha,
    GITHUB_RUN_ID: runId,
    ...options.env,
  }
  const step = await Step.prepare({...options, event, env})
  // The directory is known only now.
  const file = path.join(step.directory, 'event.json')
  env['GITHUB_EVENT_PATH'] = file
  const payload = {
    ...(loadEvent(event).payload as object),
    ref,
    after: sha,
    head_commit: date === undefined ? null : {id: sha, timestamp: date},
  }
  await writeFile(file, JSON.stringify(payload))
  return step
}
