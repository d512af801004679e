import {Secret} from '../../errors/secret.ts'
import {previewTags} from '../../commands/preview.ts'
import type {Io} from '../../io/io.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {RunFailure} from '../../run/run-result.ts'
import {recordedWorkflow} from '../../simulation/recorded-workflow.ts'
import type {ReadRegistries} from '../../simulation/registry/simulated-rows.ts'
import {toTagboatError} from '../../errors/error.ts'

/**
 * Reader of the real registries, as a run with `dry-run: registry` reads them. Credentials are those of the user's Docker
 * configuration, since the secrets of the workflow are not known here; `GITHUB_TOKEN` is for the API of GitHub.
 */
export function registryReader(io: Io, environment: Readonly<Record<string, string>>): ReadRegistries {
  return async (prepared) => {
    const real: Io = {...io, workflow: recordedWorkflow(), environment: {...environment, ...io.environment}}
    try {
      const {preview = [], versions = new Map()} = await previewTags(withUserLogins(prepared, io), real)
      return {preview, versions, invented: new Map(), notices: [], failure: undefined}
    } catch (error) {
      if (!(error instanceof RunFailure)) throw error
      const {preview = [], versions = new Map()} = error.done
      return {preview, versions, invented: new Map(), notices: [], failure: toTagboatError(error.cause)}
    }
  }
}

function withUserLogins(prepared: Prepared, {environment}: Io): Prepared {
  const {inputs} = prepared
  const token = environment['GITHUB_TOKEN'] ?? ''
  const githubToken = token === '' ? undefined : new Secret(token)
  return {
    ...prepared,
    inputs: {...inputs, credentials: {...inputs.credentials, logins: [], githubToken, clouds: undefined}},
  }
}
