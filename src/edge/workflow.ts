import {randomUUID} from 'node:crypto'
import * as core from '@actions/core'

/**
 * The runner's side of a step: commands, file commands and log
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands). The only importer of @actions/core.
 */
export interface Workflow {
  /** A line of our own words. */
  info(text: string): void
  notice(text: string): void
  warning(text: string, place?: AnnotationPlace): void
  /** An error annotation; the step fails. */
  fail(text: string, place?: AnnotationPlace): void
  /** From here on the runner prints `***` instead of this text. */
  mask(secret: string): void
  setOutput(name: string, value: string): void
  /** For the post step. */
  saveState(name: string, value: string): void
  /** For later steps of the job. */
  exportVariable(name: string, value: string): void
  writeSummary(markdown: string): Promise<void>
  /** Lines that hold what others wrote (a label, a ref): nothing in them can be a workflow command. */
  print(lines: readonly string[]): void
  /**
   * Runs `body` in a group of the log in which nothing that is written can be a workflow command: a build prints what
   * its Dockerfile says, and that is not ours to obey.
   */
  inQuietGroup<T>(title: string, body: (write: (chunk: string) => void) => Promise<T>): Promise<T>
}

/** Lines that an annotation stands at. */
export interface AnnotationPlace {
  /** Relative to the workspace; empty: at no file. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly endLine: number
  readonly title?: string
}

export const workflow: Workflow = {
  info: core.info,
  notice: core.notice,
  warning(text, place) {
    core.warning(text, propertiesOf(place))
  },
  fail(text, place) {
    core.error(text, propertiesOf(place))
    process.exitCode = core.ExitCode.Failure
  },
  mask: maskLines,
  setOutput: core.setOutput,
  saveState: core.saveState,
  exportVariable: core.exportVariable,
  async writeSummary(markdown) {
    if ((process.env['GITHUB_STEP_SUMMARY'] ?? '') === '') return
    await core.summary.addRaw(markdown, true).write()
  },
  print(lines) {
    if (lines.length === 0) return
    const resume = stopCommands()
    for (const line of lines) core.info(line)
    resume()
  },
  async inQuietGroup(title, body) {
    const last = {chunk: '\n'}
    core.startGroup(title)
    const resume = stopCommands()
    try {
      return await body((chunk) => {
        process.stdout.write(chunk)
        last.chunk = chunk
      })
    } finally {
      // The runner reads commands at the start of a line alone.
      if (!last.chunk.endsWith('\n')) process.stdout.write('\n')
      resume()
      core.endGroup()
    }
  },
}

function propertiesOf(place: AnnotationPlace | undefined): core.AnnotationProperties {
  if (place === undefined) return {}
  const {file, line, endLine, title} = place
  const lines = line > 0 ? {startLine: line, endLine: Math.max(line, endLine)} : {}
  return {...(title !== undefined && {title}), ...(file !== '' && {file, ...lines})}
}

/** The runner obeys no command until it reads this token, which nobody can guess. */
function stopCommands(): () => void {
  const token = randomUUID()
  process.stdout.write(`::stop-commands::${token}\n`)
  return () => {
    process.stdout.write(`::${token}::\n`)
  }
}

/** The runner masks whole texts; a secret of several lines is printed a line at a time, so each is masked too. */
function maskLines(secret: string): void {
  const lines = secret.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines.length > 1) core.setSecret(secret)
  for (const line of lines) core.setSecret(line)
}
