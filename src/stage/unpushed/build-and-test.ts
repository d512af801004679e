import path from 'node:path'
import {missingPlatforms} from '../../buildx/inspect.ts'
import {requireReproducible} from '../../buildx/require-reproducible.ts'
import {runPrefix} from '../../credentials/config-directory.ts'
import {TagboatError} from '../../errors/error.ts'
import {formatPlatform, samePlatform, type Platform} from '../../oci/platform.ts'
import {formatUntested, type UntestedReason} from '../../reasons/untested-reasons.ts'
import {testImagesState} from '../../run/saved-state.ts'
import type {GateVerdict} from '../../run/gate-verdict.ts'
import {after, type RunResult} from '../../run/run-result.ts'
import type {BuildSession} from '../build-session.ts'
import {judged, requirePassed, testPassed} from '../gate.ts'
import {buildUnpushed} from './build-unpushed.ts'
import {imageVariables, type TestedImage} from '../test-run/image-variables.ts'
import type {Engine} from '../load/engine.ts'
import {engineToLoad} from '../load/engine-to-load.ts'
import {assignNodes, isSingleBuild} from '../nodes/assign-nodes.ts'
import {beforeBuild} from '../open-session.ts'
import {runTest} from '../test-run/run-test.ts'
import {buildForTest, exportsLayout, keepsNames, type BuiltForTest, type TestPlace} from './build-for-test.ts'
import {enginePlatforms} from './engine-platforms.ts'
import {removeTestImages} from './remove-test-images.ts'
import {allNames, testRepository} from './test-names.ts'

/**
 * Builds without a push, loads the image into the engine, and runs the commands of `test` against it. A notice names each
 * platform that they cannot use.
 * @throws RunFailure with the build. Its cause is a TagboatError; `test-failed` if a command fails.
 */
export async function buildAndTest(session: BuildSession, script: string): Promise<RunResult> {
  const {prepared, io} = session
  const [builder, engine] = await beforeBuild(session, reachableEngine(session))
  requireReproducible(builder, prepared.inputs.build)
  const nodes = await assignNodes(session, builder)
  if (engine === undefined || !isSingleBuild(nodes)) {
    io.workflow.notice(formatUntested({code: engine === undefined ? 'no-engine' : 'several-nodes'}))
    return buildUnpushed(session, {builder, engine, nodes})
  }
  const place = {builder, engine, nodes}
  return withNames(namesOf(session, place), session, async () => {
    const built = await buildForTest(session, place)
    return after(built.done, async () => {
      const gates = await testBuilt(built, place, {session, script})
      return {...built.done, gates}
    })
  })
}

/** Queries the engine. Undefined if none responds, unless `load` needs one. */
async function reachableEngine(session: BuildSession): Promise<Engine | undefined> {
  const {prepared, dockerConfig, io} = session
  if (prepared.inputs.build.load) return engineToLoad(session)
  const {inspectEngine} = await import('../load/engine.ts')
  try {
    return await inspectEngine(dockerConfig.env, io.processes)
  } catch (error) {
    if (error instanceof TagboatError && error.code === 'engine-unreachable') return undefined
    throw error
  }
}

/** Names that the image can have in the engine for its test only. */
function namesOf(session: BuildSession, {builder}: TestPlace): readonly string[] {
  const {plan, inputs} = session.prepared
  const names = allNames(testRepository(plan), session.io.marker, inputs.build.platforms)
  if (exportsLayout(builder, session)) return inputs.build.load ? names.slice(1) : names
  return keepsNames(session) ? [] : names.slice(0, 1)
}

/** Runs `body`, and then removes the names from the engine, as the post step does after a killed run. */
async function withNames<T>(
  names: readonly string[],
  {dockerConfig, io}: BuildSession,
  body: () => Promise<T>,
): Promise<T> {
  if (names.length === 0) return body()
  io.workflow.saveState(testImagesState, names.join(' '))
  try {
    return await body()
  } finally {
    const left = await removeTestImages(names, dockerConfig.env, io)
    if (left.length === 0) io.workflow.saveState(testImagesState, '')
    else io.workflow.notice(`The image that was loaded for \`test\` could not be removed: ${left.join('; ')}`)
  }
}

interface TestRun {
  readonly session: BuildSession
  readonly script: string
}

/** Runs the commands against the image. Returns no verdict if they do not run. */
async function testBuilt(
  {built, image}: BuiltForTest,
  {builder, engine}: TestPlace,
  {session, script}: TestRun,
): Promise<readonly GateVerdict[]> {
  const {prepared, dockerConfig, io} = session
  const kept = image?.parts.map(({platform}) => platform) ?? []
  const unable = missingPlatforms(await enginePlatforms(session, builder, kept), kept)
  for (const reason of untested(built, kept, unable)) io.workflow.notice(formatUntested(reason))
  if (image === undefined || (kept.length > 0 && unable.length === kept.length)) return []
  const able = kept.filter((platform) => !unable.includes(platform))
  const machine = able.find((platform) => engine.platform && samePlatform(platform, engine.platform)) ?? able[0]
  const variables = imageVariables(image, prepared.inputs.build.platforms, machine)
  io.workflow.print([testLine(image, able)])
  const scriptFile = path.join(dockerConfig.directory, `${runPrefix}test.sh`)
  const request = {script, variables, scriptFile, env: dockerConfig.env}
  const judgement = await judged({gate: 'test'}, session, async () => {
    await io.workflow.inQuietGroup('test', async (write) => runTest(request, write, io))
    return {reason: testPassed}
  })
  return requirePassed([judgement], io)
}

function untested(
  built: readonly Platform[],
  kept: readonly Platform[],
  unable: readonly Platform[],
): readonly UntestedReason[] {
  const dropped = built.filter((platform) => !kept.some((one) => samePlatform(one, platform)))
  const reasons = [
    {code: 'engine-keeps-one', platforms: dropped.map(formatPlatform)},
    {code: 'engine-cannot-run', platforms: unable.map(formatPlatform)},
  ] as const
  return reasons.filter(({platforms}) => platforms.length > 0)
}

function testLine({reference}: TestedImage, platforms: readonly Platform[]): string {
  const which = platforms.length === 0 ? '' : ` (${platforms.map(formatPlatform).join(', ')})`
  return `The image is not pushed; \`test\` uses ${reference}${which} in the engine of this runner`
}
