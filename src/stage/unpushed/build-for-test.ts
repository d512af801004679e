import type {Builder} from '../../buildx/inspect.ts'
import {rewritesTimes, writesLoad} from '../../buildx/outputs.ts'
import type {Platform} from '../../oci/platform.ts'
import {formatTagRef, type TagRef} from '../../oci/reference.ts'
import {after, type BuildReport, type RunResult} from '../../run/run-result.ts'
import type {BuildSession} from '../build-session.ts'
import type {BuildPlace} from './build-unpushed.ts'
import type {TestedImage} from '../test-run/image-variables.ts'
import {layoutDirectory} from '../layout/layout-directory.ts'
import type {ImageSource} from '../layout/push-layout.ts'
import {readLayout} from '../layout/read-layout.ts'
import type {Engine} from '../load/engine.ts'
import {printLoaded} from '../load/load-built.ts'
import {loadImage} from '../load/load-image.ts'
import {runBuilds} from '../nodes/assign-nodes.ts'
import {platformImages} from '../staged-image.ts'
import {isOfEngine} from './engine-platforms.ts'
import {testName, testRepository} from './test-names.ts'

/** A build that is in the engine for its test. */
export interface BuiltForTest {
  readonly done: RunResult
  /** Platforms of the image. */
  readonly built: readonly Platform[]
  /** Image in the engine, with the platforms that the engine keeps; undefined if it keeps none. */
  readonly image: TestedImage | undefined
}

export type TestPlace = BuildPlace & {readonly engine: Engine}

/** Reports whether the image has names in the engine after the test. */
export function keepsNames({prepared}: BuildSession): boolean {
  const {build} = prepared.inputs
  return build.load || writesLoad(build)
}

/**
 * Reports whether the build exports a layout, which Tagboat loads. Otherwise Buildx loads the image. The builder of the
 * engine needs a layout only where file times are rewritten, which it cannot do while it unpacks an image, and for
 * several platforms, whose images get a name each.
 */
export function exportsLayout(builder: Builder, session: BuildSession): boolean {
  const {build} = session.prepared.inputs
  if (builder.staging === 'none') return false
  return !isOfEngine(builder, session) || rewritesTimes(build) || build.platforms.length > 1
}

/** Builds the image, and loads it into the engine without a push. */
export async function buildForTest(session: BuildSession, place: TestPlace): Promise<BuiltForTest> {
  return exportsLayout(place.builder, session) ? buildLayout(session, place) : buildLoaded(session, place)
}

async function buildLoaded(session: BuildSession, {engine, nodes}: TestPlace): Promise<BuiltForTest> {
  const {plan, inputs} = session.prepared
  const tags = plan.tags.map(({reference}) => reference)
  const keeps = keepsNames(session)
  const names = keeps ? tags : [wholeName(session)]
  const destination = keeps ? ({kind: 'none'} as const) : ({kind: 'engine', names} as const)
  const {build} = await runBuilds(session, nodes, {tags, destination, clients: []})
  const platform = build.metadata?.platform ?? inputs.build.platforms[0] ?? engine.platform
  const reference = referenceOf(names, build.imageId || (build.metadata?.digest ?? ''))
  return {
    done: {build, loaded: printLoaded(build, session, tags)},
    built: platform === undefined ? [] : [platform],
    image: {reference, parts: platform === undefined ? [] : [{platform, reference}]},
  }
}

async function buildLayout(session: BuildSession, {builder, engine, nodes}: TestPlace): Promise<BuiltForTest> {
  const {prepared, io} = session
  const directory = layoutDirectory(session)
  const tags = prepared.plan.tags.map(({reference}) => reference)
  const {build} = await runBuilds(session, nodes, {tags, destination: {kind: 'layout', directory}, clients: []})
  return after({build}, async () => {
    const layout = await readLayout(directory, io.files)
    return loadLayout(session, {engine, layout, build, platform: platformOf(build, session, builder)})
  })
}

interface LayoutBuild {
  readonly engine: Engine
  readonly layout: ImageSource
  readonly build: BuildReport
  /** Platform of an image that is not an index. */
  readonly platform: Platform | undefined
}

async function loadLayout(
  session: BuildSession,
  {engine, layout, build, platform}: LayoutBuild,
): Promise<BuiltForTest> {
  const {prepared, dockerConfig, io} = session
  const {load} = prepared.inputs.build
  const names = load ? prepared.plan.tags.map(({reference}) => reference) : [wholeName(session)]
  const partName = (part: Platform): TagRef => testName(testRepository(prepared.plan), io.marker, part)
  const request = {layout, platform, tags: names, engine, env: dockerConfig.env, partName}
  const choice = await io.phases.measure('load', async () => loadImage(request, io.processes))
  const {images} = platformImages(layout.tree.top, platform)
  const built = images.map((image) => image.platform)
  if (choice.kind === 'nothing') {
    if (load) io.workflow.warning(choice.warning)
    return {done: {build}, built, image: undefined}
  }
  const {line, imageId, top} = choice
  if (load) io.workflow.print([line])
  const reference = referenceOf(names, imageId)
  const kept = engine.hasContainerdStore ? images : images.filter(({digest}) => digest === top.digest)
  const parts = kept.map((part) => ({
    platform: part.platform,
    reference: kept.length > 1 ? formatTagRef(partName(part.platform)) : reference,
  }))
  return {done: {build, ...(load && {loaded: {line, imageId}})}, built, image: {reference, parts}}
}

function platformOf({metadata}: BuildReport, {prepared}: BuildSession, builder: Builder): Platform | undefined {
  return metadata?.platform ?? prepared.inputs.build.platforms[0] ?? builder.platforms[0]
}

function wholeName({prepared, io}: BuildSession): TagRef {
  return testName(testRepository(prepared.plan), io.marker)
}

/** Reference of a loaded image: its first name, or the image ID without one. */
function referenceOf([first]: readonly TagRef[], imageId: string): string {
  return first === undefined ? imageId : formatTagRef(first)
}
