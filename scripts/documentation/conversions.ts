import {verdictOf} from '../../src/cli/migration-report.ts'
import {convertWorkflow} from '../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../src/converter/conversion.ts'
import {remarkCodes} from '../../src/converter/remarks.ts'
import {tagboatAction} from '../../testing/workflow-corpus/compare.ts'
import {corpus, type CorpusWorkflow} from '../../testing/workflow-corpus/corpus.ts'

const verdicts = {
  converted: 'converted',
  partial: 'in part',
  refused: 'refused',
  nothing: 'nothing to convert',
} as const

interface Converted {
  readonly workflow: CorpusWorkflow
  readonly conversion: Conversion
}

/** Results of the converter for each construct of the corpus, as Markdown. */
export function conversionSections(): string {
  const all = corpus().map((workflow) => ({
    workflow,
    conversion: convertWorkflow(workflow.text, {action: tagboatAction}),
  }))
  const counted = Object.entries(verdicts).map(([verdict, words]) => {
    const count = all.filter(({conversion}) => verdictOf(conversion) === verdict).length
    return `${count} ${words}`
  })
  const images = all.flatMap(comparedImages)
  const differing = all.flatMap(({workflow: {about}}) => about.differences ?? [])
  const reasons = [...new Set(differing.map(({why}) => why))].map((why) => `[${why}](#${anchor(why)})`)
  const rows = [...Map.groupBy(all, ({workflow}) => workflow.about.construct)]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([construct, ones]) => `| ${construct} | ${results(ones)} | ${remarks(ones)} |`)
  return [
    `Of ${all.length} workflows, one or more per construct: ${counted.join(', ')}. For each event that starts a converted ` +
      `workflow, tags, order, version, labels and the decision to push were compared with a recording of ` +
      `${all[0]?.workflow.expected?.recordedWith ?? ''}: of ${images.length} images, ${images.length - differing.length} ` +
      `are the same. The others differ as documented: ${reasons.join(', ')}.`,
    ['| Construct | Result | What stays, or is refused |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n')
}

/** Images of the recording whose jobs were converted. */
function comparedImages({workflow: {expected}, conversion}: Converted): readonly unknown[] {
  const runs = Object.values(expected?.events ?? {})
  return runs.flatMap(({images}) =>
    images.filter(({job}) => ['converted', 'partial'].includes(conversion.jobs.get(job) ?? '')),
  )
}

function results(all: readonly Converted[]): string {
  const counted = [...Map.groupBy(all, ({conversion}) => verdictOf(conversion))]
  return counted
    .map(([verdict, ones]) => (counted.length === 1 ? verdicts[verdict] : `${ones.length} ${verdicts[verdict]}`))
    .join(', ')
}

function remarks(all: readonly Converted[]): string {
  const codes = all.flatMap(({conversion}) =>
    conversion.remarks.filter(({level}) => level !== 'note').map(({code}) => code),
  )
  return [...new Set(codes)].map((code) => remarkCodes[code]).join(' ')
}

function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}
