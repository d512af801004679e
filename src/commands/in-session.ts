import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {withDockerHome} from '../run/private-config.ts'
import {outcomeOf, RunFailure, type Outcome, type RunResult} from '../run/run-result.ts'
import {requireSources} from '../stage/build.ts'
import {openSession} from '../stage/open-session.ts'
import type {Session} from '../stage/session.ts'

/**
 * Runs `push` in a session with a private Docker configuration and a builder, or only builds where the plan pushes nothing.
 * @throws RunFailure also when the session cannot be closed, with all that was done in it.
 */
export async function inSession(
  prepared: Prepared,
  io: Io,
  push: (session: Session) => Promise<RunResult>,
): Promise<RunResult> {
  const {inputs, plan} = prepared
  await requireSources(inputs.build, io)
  let outcome: Outcome = {done: {}}
  try {
    await withDockerHome(io, inputs.credentials.exportLogin, async (dockerConfig) => {
      await using session = await openSession(prepared, dockerConfig, io)
      const ended = await outcomeOf(async () => (plan.push.do ? push : await withoutPush())(session))
      outcome = {...ended, done: {...ended.done, builder: session.builder.features}}
      if (outcome.failure !== undefined) throw outcome.failure.error
    })
  } catch (error) {
    throw new RunFailure(outcome.done, error)
  }
  return outcome.done
}

async function withoutPush(): Promise<(session: Session) => Promise<RunResult>> {
  const {buildOnly} = await import('../stage/build-only.ts')
  return buildOnly
}
