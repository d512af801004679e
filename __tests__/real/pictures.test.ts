import {readFileSync} from 'node:fs'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {demoCredentials} from '../../scripts/lib/demo-releases.ts'
import {runScenes, sceneNames, type SceneName} from '../../scripts/lib/picture-scenes.ts'
import {closedLogText} from '../../scripts/lib/step-log.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {projectRoot, type StepResult} from '../../testing/runner.ts'

/** Compares the texts of `npm run pictures` with new runs. If they differ, run it again. */
describe('the pictures of the documentation show the present action', () => {
  const login = demoCredentials()
  let registries: readonly [Registry, Registry]
  let results: Readonly<Record<SceneName, StepResult>>

  beforeAll(async () => {
    registries = [await startRegistry({login}), await startRegistry({login})]
    results = await runScenes(registries, login)
  })

  afterAll(async () => {
    await Promise.all(registries.map(async (registry) => registry.stop()))
  })

  test.each(sceneNames)('summary-%s.png', (name) => {
    expect(stable(withoutBuild(results[name].summary))).toBe(stable(withoutBuild(rendered(`summary-${name}.md`))))
  })

  test.each(sceneNames)('log-%s.png', (name) => {
    expect(stable(closedLogText(results[name].log))).toBe(stable(rendered(`log-${name}.txt`).trimEnd()))
  })
})

function rendered(name: string): string {
  return readFileSync(path.join(projectRoot, 'docs', 'images', name), 'utf8')
}

/** Removes what the speed and the cache of the machine decide: the timeline, and which short steps are shown. */
function withoutBuild(summary: string): string {
  return summary
    .replace(/<details><summary>Timeline of the build<\/summary>.*?<\/details>\n\n/s, '')
    .replace(/^\| (?:Builder|Login|Build|Push|Load|Copy|Platforms|Test)\b.*\|\n[| -]+\n.*\|$/m, (table) =>
      (table.match(/[✅❌]\s\w+/gu) ?? []).join(', '),
    )
}

/** Removes values that differ between runs: keys, port, digests, times, sizes and use of the cache. */
function stable(text: string): string {
  return text
    .replace(/(?<=BEGIN PUBLIC KEY-----\n).*?(?=\n-----END)/gs, 'KEY')
    .replace(/(?<![\w+/])[\w+/]{43}=/g, 'FINGERPRINT')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/127\.0\.0\.1:\d+/g, 'HOST')
    .replace(/\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b/g, 'DIGEST')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'DATE')
    .replace(/\d+ of \d+ steps cached/g, 'STEPS')
    .replace(/[\d.]+ s\b|(?<=\| )cached(?= \|)/g, 'TIME')
    .replace(/[+−]?[\d.]+ [kM]?B\b(?:, [+−][\d.]+%)?|(?<=\| |\()same(?= \||\))/g, 'SIZE')
}
