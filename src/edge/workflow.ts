import {randomUUID} from 'node:crypto'
import * as core from '@actions/core'

/**
 * The runner's side of a step: commands, file commands and log
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands). The only importer of @actions/core.
 */
export interface Workflow {
  info(text: string): void
  notice(text: string): void
  warning(text: string): void
  /** An error annotation; the step fails. */
  fail(text: string): void
  /** From here on the runner prints `***` instead of this text. */
  mask(secret: string): void
  setOutput(name: string, value: string): void
  /** For the post step. */
  saveState(name: string, value: string): void
  /** For later steps of the job. */
  exportVariable(name: string, value: string): void
  writeSummary(markdown: string): Promise<void>
  /**
   * Runs `body` in a group of the log in which nothing that is written can be a workflow command: a build prints what
   * its Dockerfile says, and that is not ours to obey.
   */
  inQuietGroup<T>(title: string, body: (write: (chunk: string) => void) => Promise<T>): Promise<T>
}

export const workflow: Workflow = {
  info: core.info,
  notice: core.notice,
  warning: core.warning,
  fail: core.setFailed,
  mask: maskLines,
  setOutput: core.setOutput,
  saveState: core.saveState,
  exportVariable: core.exportVariable,
  async writeSummary(markdown) {
    if (process.env['GITHUB_STEP_SUMMARY'] === undefined) return
    await core.summary.addRaw(markdown, true).write()
  },
  async inQuietGroup(title, body) {
    const token = randomUUID()
    const last = {chunk: '\n'}
    core.startGroup(title)
    process.stdout.write(`::stop-commands::${token}\n`)
    try {
      return await body((chunk) => {
        process.stdout.write(chunk)
        last.chunk = chunk
      })
    } finally {
      // The runner reads commands at the start of a line alone.
      process.stdout.write(`${last.chunk.endsWith('\n') ? '' : '\n'}::${token}::\n`)
      core.endGroup()
    }
  },
}

/** The runner masks whole texts; a secret of several lines is printed a line at a time, so each is masked too. */
function maskLines(secret: string): void {
  const lines = secret.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines.length > 1) core.setSecret(secret)
  for (const line of lines) core.setSecret(line)
}
