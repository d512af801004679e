import {describe, expect, test} from '@jest/globals'
import {formatNotice, formatProblem, Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'

async function read(given: Readonly<Record<string, string>>): Promise<Problems> {
  const problems = new Problems()
  await readInputs(new Map(Object.entries(given)), problems)
  return problems
}

describe('a file without file:', () => {
  test.each([
    'package.json',
    'Cargo.toml',
    'pyproject.toml',
    'pom.xml',
    'gradle.properties',
    'Chart.yaml',
    'VERSION',
    'version.txt',
    './VERSION',
    '../package.json',
    'charts/app/Chart.yaml',
    'src/app.py#version = "(.*)"',
  ])('%s', async (version) => {
    expect((await read({version})).all.map(formatProblem)).toEqual([
      `version: "${version}" is a file. Did you mean "file:${version}"?`,
    ])
  })

  test.each([
    '1.2.3',
    'v1.2.3-rc.1+build.5',
    '2026.01.7',
    '1.2.3rc1',
    'auto',
    'file:package.json',
    'api/v1.2.3',
    'feature/login',
    'latest',
  ])('%s is none', async (version) => {
    expect((await read({version})).all).toEqual([])
  })
})

describe('a variant that the flavor ends in too', () => {
  test('is noted where the flavor says it', async () => {
    const {all, notices} = await read({variant: 'alpine', flavor: 'latest=auto\nsuffix=-alpine,onlatest=true'})
    expect([all, notices.map(formatNotice)]).toEqual([
      [],
      ['flavor, line 2, column 8: tags end in -alpine-alpine: `variant` adds its name to the suffix of `flavor`.'],
    ])
  })

  test.each([
    {variant: 'alpine', flavor: 'suffix=-slim'},
    {variant: 'alpine', flavor: 'prefix=-alpine'},
    {flavor: 'suffix=-alpine'},
    {variant: 'alpine'},
  ])('not so: %j', async (given) => {
    expect((await read(given)).notices).toEqual([])
  })
})
