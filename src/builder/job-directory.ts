import type {Environment} from '../io/environment.ts'
import type {Files} from '../io/files.ts'
import {jobBuildersName} from '../run/saved-state.ts'
import {temporaryPath} from '../run/temporary-path.ts'

/** Directory of the builders of this job; undefined without a runner, which empties its temporary directory. */
export function jobDirectory({environment}: {readonly environment: Environment}): string | undefined {
  return (environment['RUNNER_TEMP'] ?? '') === '' ? undefined : temporaryPath({environment}, jobBuildersName)
}

/** Reports whether an earlier step of this job has created a builder. */
export async function hasJobBuilders({
  environment,
  files,
}: {
  readonly environment: Environment
  readonly files: Pick<Files, 'list'>
}): Promise<boolean> {
  const directory = jobDirectory({environment})
  return directory !== undefined && (await files.list(directory)).length > 0
}
