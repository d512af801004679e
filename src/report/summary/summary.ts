import {fitting} from './fitting.ts'
import {text} from './markdown.ts'
import {changedRows, withoutUnpublished, type Report} from '../report.ts'
import {summaryHeading} from './summary-heading.ts'
import {ruleTables, tagTable, type TagWords} from './tag-tables.ts'
import {warningList} from './warnings.ts'

/** Job summary in GitHub-flavoured Markdown. */
export async function summary(report: Report): Promise<string> {
  const {facts, deploy, steps, image} = await runSections(report)
  const hasFailed = report.failure !== undefined
  // Tags that did not change are one sentence of the failure.
  const showsTags = !hasFailed || changedRows(report).length > 0
  return fitting([
    await summaryHeading(withoutUnpublished(report)),
    ...facts,
    ...(await failure(report)),
    ...deploy,
    ...loadedLine(report),
    ...(showsTags ? tagTable(report, await tagWords(report)) : []),
    ...steps,
    ...(await warningList(report)),
    ...(hasFailed ? [] : ruleTables(report)),
    ...image,
  ]).join('\n\n')
}

type Sections = Readonly<Record<'facts' | 'deploy' | 'steps' | 'image', readonly string[]>>

/** Sections about what the run has done. A dry run, and one with nothing to do, does not load their code. */
async function runSections(report: Report): Promise<Sections> {
  const {dryRun, plan} = report
  if (dryRun || plan.skip !== undefined) return {facts: [], deploy: [], steps: [], image: []}
  const sections = await import('./run-sections.ts')
  return sections.runSections(report)
}

/** Words for the tags of a dry run; undefined for the usual ones. */
async function tagWords({dryRun}: Report): Promise<TagWords | undefined> {
  return dryRun ? (await import('../dry-run.ts')).previewCell : undefined
}

async function failure(report: Report): Promise<readonly string[]> {
  if (report.failure === undefined) return []
  const {failureSection} = await import('./failure-section.ts')
  return failureSection(report.failure, report)
}

function loadedLine({loaded}: Report): readonly string[] {
  return loaded === undefined ? [] : [text(loaded.line)]
}
