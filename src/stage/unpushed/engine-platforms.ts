import type {Builder, PlatformHolder} from '../../buildx/inspect.ts'
import {contextOf} from '../../builder/docker-context.ts'
import {emulate} from '../../builder/emulation/prepare-emulation.ts'
import {inspectBuilder} from '../../builder/inspect-builder.ts'
import {TagboatError} from '../../errors/error.ts'
import type {Platform} from '../../oci/platform.ts'
import type {BuildSession} from '../build-session.ts'

/** Reports whether a builder is that of the engine which the Docker CLI uses. */
export function isOfEngine({driver, name}: Builder, {dockerConfig}: BuildSession): boolean {
  return driver === 'docker' && name === contextOf(dockerConfig)
}

/**
 * Platforms that the engine runs. If another builder has built the image, emulators for the platforms are installed as
 * for a build. The platforms are empty if they are unknown.
 */
export async function enginePlatforms(
  session: BuildSession,
  builder: Builder,
  platforms: readonly Platform[],
): Promise<PlatformHolder> {
  // The emulators for the build have been installed in the same engine.
  if (isOfEngine(builder, session)) return session.builder.features ?? builder
  const {dockerConfig, io} = session
  const inspectAgain = async (): Promise<Builder> => inspectBuilder(contextOf(dockerConfig), dockerConfig.env, io)
  try {
    return (await emulate({builder: await inspectAgain(), platforms, inspectAgain}, session, {reportsGap: false}))
      .builder
  } catch (error) {
    if (!(error instanceof TagboatError) || error.code === 'emulation-failed' || io.signal.aborted) throw error
    return {platforms: []}
  }
}
