import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {withPrivateDockerConfig} from '../run/private-config.ts'
import {outcomeOf, RunFailure, type Outcome, type RunResult} from '../run/run-result.ts'
import {requireSources} from '../stage/build.ts'
import {openSession} from '../stage/open-session.ts'
import type {BuildSession} from '../stage/build-session.ts'

/**
 * Runs `push` in a build session, or only builds if the plan does not push.
 * @throws RunFailure with the result so far, also if the session cannot be closed.
 */
export async function withSession(
  prepared: Prepared,
  io: Io,
  push: (session: BuildSession) => Promise<RunResult>,
): Promise<RunResult> {
  const {inputs, plan} = prepared
  await requireSources(inputs.build, io)
  let outcome: Outcome = {done: {}}
  try {
    await withPrivateDockerConfig(io, inputs.credentials.exportLogin, async (dockerConfig) => {
      await using session = await openSession(prepared, dockerConfig, io)
      const ended = await outcomeOf(async () => (plan.push.do ? push : await loadBuildOnly())(session))
      outcome = {...ended, done: {...ended.done, builder: session.builder.features}}
      if (outcome.failure !== undefined) throw outcome.failure.error
    })
  } catch (error) {
    throw new RunFailure(outcome.done, error)
  }
  return outcome.done
}

async function loadBuildOnly(): Promise<(session: BuildSession) => Promise<RunResult>> {
  const {buildOnly} = await import('../stage/unpushed/build-only.ts')
  return buildOnly
}
