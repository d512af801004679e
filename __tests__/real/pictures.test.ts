import {readFileSync} from 'node:fs'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {demoCredentials, publishDemo} from '../../scripts/lib/demo-releases.ts'
import {closedLogText} from '../../scripts/lib/step-log.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {projectRoot, type StepResult} from '../../testing/runner.ts'

/** Compares the texts of `npm run pictures` with the demo. If they differ, run it again. */
describe('the pictures of the documentation show the demo', () => {
  const login = demoCredentials()
  let registry: Registry
  let result: StepResult

  beforeAll(async () => {
    registry = await startRegistry({login})
    result = await publishDemo(registry, login)
  })

  afterAll(async () => {
    await registry.stop()
  })

  test('job-summary.png', () => {
    expect(stable(withoutSteps(result.summary))).toBe(stable(withoutSteps(rendered('job-summary.md'))))
  })

  test('log.png', () => {
    expect(stable(closedLogText(result.log))).toBe(stable(rendered('log.txt').trimEnd()))
  })
})

function rendered(name: string): string {
  return readFileSync(path.join(projectRoot, 'docs', 'images', name), 'utf8')
}

/** Removes the build steps, because the duration and the cache of the machine decide which are shown. */
function withoutSteps(summary: string): string {
  return summary
    .replace(/```mermaid\n.*?\n```\n\n/s, '')
    .replace(/<details><summary>Slowest steps<\/summary>.*?<\/details>\n\n/s, '')
}

/** Removes values that differ between runs: port, digests, times, sizes and use of the cache. */
function stable(text: string): string {
  return text
    .replace(/127\.0\.0\.1:\d+/g, 'HOST')
    .replace(/\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b/g, 'DIGEST')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'DATE')
    .replace(/\d+ of \d+ steps cached/g, 'STEPS')
    .replace(/[\d.]+ s\b|(?<=\| )cached(?= \|)/g, 'TIME')
    .replace(/[+−]?[\d.]+ [kM]?B\b|(?<=\| )same(?= \|)/g, 'SIZE')
}
