import type {Inputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {
  annotationLevels,
  mergeAnnotations,
  mergeLabels,
  renderLabels,
  standardLabels,
  type Annotation,
} from '../tags/labels.ts'
import type {Proposals} from '../tags/proposal.ts'
import {renderBuildArguments} from '../tags/templates/build-arguments.ts'
import {imageValues} from '../tags/templates/image-values.ts'
import {Renderer} from '../tags/templates/render.ts'
import type {ValueSources} from '../tags/templates/values.ts'
import {checkSizes} from './label-size.ts'
import type {Plan} from './plan.ts'

interface TextsRequest {
  readonly inputs: Inputs
  /** Values of the run; its time is that of the image. */
  readonly sources: ValueSources
  readonly proposals: Pick<Proposals, 'version' | 'ofRun'>
}

/** Texts of the image: labels, annotations, and the arguments of its build. */
export function imageTexts(
  {inputs, sources, proposals}: TextsRequest,
  problems: Problems,
): Pick<Plan, 'labels' | 'annotations' | 'annotationsWithIndex' | 'buildArgs'> {
  const {version, ofRun} = proposals
  const values = imageValues(sources, {ofRun, firstTag: version})
  const renderer = new Renderer(sources.engine, problems)
  const standard = standardLabels({...sources, version})
  const {withoutStandard} = inputs.image
  const labels = mergeLabels(
    withoutStandard.labels ? [] : standard,
    renderLabels(inputs.image.labels, 'labels', renderer, values),
  )
  const own = renderLabels(inputs.image.annotations, 'annotations', renderer, values)
  const ofOutputs = inputs.build.image.annotations.map((annotation) => ({...annotation, removes: false}))
  const merged = (hasIndex: boolean): readonly Annotation[] =>
    mergeAnnotations(
      withoutStandard.annotations ? [] : standard,
      [...own, ...ofOutputs],
      annotationLevels(inputs.image.annotationLevels, hasIndex),
    )
  const annotations = merged(inputs.build.platforms.length > 1)
  checkSizes('labels', labels, problems)
  checkSizes('annotations', annotations, problems)
  const buildArgs = renderBuildArguments(inputs.build.buildArgs, {renderer, values, problems})
  return {labels, annotations, annotationsWithIndex: merged(true), buildArgs}
}

/** Returns every text of the inputs that may contain expressions. */
export function templatesOf({image, build}: Pick<Inputs, 'image' | 'build'>): readonly string[] {
  const {images, tags, flavor, labels, annotations} = image
  return [
    ...images.map(({enable}) => enable),
    ...tags.map(({text}) => text),
    flavor.prefix,
    flavor.suffix,
    ...[...labels, ...annotations].flatMap(({key, value}) => [key, value]),
    ...build.buildArgs.flatMap(({value}) => value ?? []),
  ]
}
