import {missingPlatforms, platformNames, type Builder} from '../../buildx/inspect.ts'
import type {Platform} from '../../oci/platform.ts'
import type {Run} from '../creation-settings.ts'
import {contextOf} from '../docker-context.ts'
import {inspectBuilder} from '../inspect-builder.ts'
import type {Emulation} from './qemu.ts'

/**
 * Installs emulators for the platforms of the build that the builder cannot run. These are the requested platforms;
 * without them, the first platform that the BuildKit configuration of the builder sets. `name` is the value of
 * `--builder`.
 */
export async function prepareEmulation(
  builder: Builder,
  name: string | undefined,
  run: Run,
): Promise<Emulation<Builder>> {
  const asked = run.prepared.inputs.build.platforms
  const mayBeConfigured = builder.nodes.some(({configuration = ''}) => configuration.includes('platforms'))
  if (!mayBeConfigured) {
    const inspectAgain = async (): Promise<Builder> => inspectBuilder(name, run.dockerConfig.env, run.io)
    return emulate({builder, platforms: asked, inspectAgain}, run)
  }
  const {configuredPlatforms, withoutConfigured} = await import('./configured-platforms.ts')
  const configured = builder.nodes.flatMap(configuredPlatforms)
  const platforms = asked.length === 0 ? configured.slice(0, 1) : asked
  if (asked.length === 0 && configured.length > 0) {
    const line = `The BuildKit configuration of the builder "${builder.name}" sets the platforms ${platformNames(configured)}. Without \`platforms\`, the image is built for ${platformNames(platforms)}.`
    run.io.workflow.print([line])
  }
  const inspectAgain = async (): Promise<Builder> => withoutConfigured(builder, configured, run)
  const {gap} = await emulate({builder: await inspectAgain(), platforms, inspectAgain}, run)
  return {builder, gap}
}

/** Platforms of a build, and the builder as long as no emulators are installed for them. */
interface PlatformNeeds {
  readonly builder: Builder
  readonly platforms: readonly Platform[]
  /** Reads the features of the builder again. */
  readonly inspectAgain: () => Promise<Builder>
}

/**
 * Installs the emulators that the builder lacks and the inputs allow.
 * @param reportsGap whether a line names the platforms that stay missing.
 */
export async function emulate(
  needs: PlatformNeeds,
  run: Run,
  {reportsGap} = {reportsGap: true},
): Promise<Emulation<Builder>> {
  const {builder, platforms} = needs
  const {inputs} = run.prepared
  if (inputs.builder.qemu !== 'always' && missingPlatforms(builder, platforms).length === 0)
    return {builder, gap: undefined}
  const [{ensureEmulation}, {pullIo}] = await Promise.all([import('./qemu.ts'), import('../builder-creation.ts')])
  const request = {
    ...needs,
    inputs: inputs.builder,
    retries: inputs.publish.retries,
    env: run.dockerConfig.env,
    context: contextOf(run.dockerConfig),
  }
  const io = pullIo(run.io)
  const warn = (text: string): void => {
    if (reportsGap) run.io.workflow.warning(text)
  }
  const note = (text: string): void => {
    if (reportsGap) io.say(text)
  }
  return ensureEmulation(request, {...io, warn, note})
}
