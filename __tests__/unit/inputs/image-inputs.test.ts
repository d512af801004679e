import {describe, expect, test} from '@jest/globals'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {brief} from '../../../testing/problems.ts'

async function read(given: Readonly<Record<string, string>>): Promise<Problems> {
  const problems = new Problems()
  await readInputs(new Map(Object.entries(given)), problems)
  return problems
}

describe('a file name without the prefix file:', () => {
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
    expect((await read({version})).all).toMatchObject([
      {input: 'version', remedy: expect.stringContaining(`"file:${version}"`)},
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
  ])('%s is not a file', async (version) => {
    expect((await read({version})).all).toEqual([])
  })
})

describe('a variant that is also the suffix of the flavor', () => {
  test('gives a notice at the flavor', async () => {
    const {all, notices} = await read({variant: 'alpine', flavor: 'latest=auto\nsuffix=-alpine,onlatest=true'})
    expect(all).toEqual([])
    expect(notices.map(brief)).toEqual(['flavor 2:8'])
  })

  test.each([
    {variant: 'alpine', flavor: 'suffix=-slim'},
    {variant: 'alpine', flavor: 'prefix=-alpine'},
    {flavor: 'suffix=-alpine'},
    {variant: 'alpine'},
  ])('gives no notice: %j', async (given) => {
    expect((await read(given)).notices).toEqual([])
  })
})
