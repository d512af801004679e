import {hideInError} from '../errors/hide-secrets.ts'
import {toTagboatError} from '../errors/error.ts'
import type {PublishingAction} from '../inputs/spec/action-names.ts'
import type {Io} from '../io/io.ts'
import {prepare, type Prepared} from '../prepare/prepare.ts'

/** Makes the plan of a run. If there is none, for example because of invalid inputs, the job summary shows why. */
export async function prepareRun(io: Io, action: PublishingAction): Promise<Prepared> {
  return withFailureSummary(io, async () => addSigners(await prepare(io, action), io))
}

/** Prepares a run. If that fails, for example because of invalid inputs, the job summary shows why. */
export async function withFailureSummary<T>(io: Io, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    if (!io.signal.aborted && io.inputs.get('summary')?.trim().toLowerCase() !== 'false') await writeFailure(error, io)
    throw error
  }
}

/** Reads the key of a run that signs, before it changes anything. */
async function addSigners(prepared: Prepared, io: Io): Promise<Prepared> {
  const {sign, publish} = prepared.inputs
  const signing =
    sign === undefined ? prepared : await (await import('./sign/with-signers.ts')).withSigners(prepared, sign, io)
  if (publish.githubAttestation !== 'required') return signing
  const {requireAttestation} = await import('./github/require-attestation.ts')
  return requireAttestation(signing, io)
}

/** Writes the summary of the failure. If that fails too, only the failure is reported. */
async function writeFailure(error: unknown, {workflow}: Io): Promise<void> {
  const {failureSummary} = await import('../report/summary/failure-section.ts')
  const shown = hideInError(toTagboatError(error), workflow.hide)
  await workflow.writeSummary(failureSummary(shown)).catch(() => undefined)
}
