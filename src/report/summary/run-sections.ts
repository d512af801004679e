import {buildSteps, callResult} from './build-section.ts'
import {deploySnippet} from './deploy.ts'
import {factsLine} from './facts-line.ts'
import {imageSection} from './image-section.ts'
import type {Report} from '../report.ts'
import {stepsTable} from './steps-table.ts'

/** Sections of a run that has done something, in Markdown. */
export async function runSections(
  report: Report,
): Promise<Readonly<Record<'facts' | 'deploy' | 'steps' | 'image', readonly string[]>>> {
  // A call results in a text instead of an image.
  if (report.called !== undefined && report.failure === undefined)
    return {facts: [], deploy: [], steps: [], image: callResult(report)}
  const facts = factsLine(report)
  return {
    facts: facts === '' ? [] : [facts],
    deploy: [...deploySnippet(report), ...(await signatures(report))],
    steps: [...stepsTable(report), ...(await scans(report))],
    image: [...callResult(report), ...imageSection(report), ...(await buildSteps(report))],
  }
}

/** Section about the signatures, which few images have. */
async function signatures({signed, failure}: Report): Promise<readonly string[]> {
  if (signed === undefined || failure !== undefined) return []
  const {signatureSection} = await import('./signature-section.ts')
  return signatureSection(signed)
}

/** Sections about scans. Few runs have one. */
async function scans(report: Report): Promise<readonly string[]> {
  if (report.gates?.some(({gate}) => gate === 'scan') !== true) return []
  const {scanSections} = await import('./scan-section.ts')
  return scanSections(report)
}
