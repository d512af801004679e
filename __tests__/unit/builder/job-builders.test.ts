import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {expect, test} from '@jest/globals'
import {jobBuilderFile, jobBuilders, saveJobBuilder, settingsHash} from '../../../src/builder/job-builders.ts'
import {files} from '../../../src/io/files.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'

const name = 'tagboat-100-1-0123abcd'
const settings = settingsHash(['docker-container', {driverOpts: []}])
const registry = {host: 'reg.example:5000', http: true}
const needs = {settings, registries: [], hostNetwork: false}

test.each([
  {name: 'the same', has: needs, asked: needs, isShared: true},
  {name: 'other settings', has: needs, asked: {...needs, settings: settingsHash([])}, isShared: false},
  {name: 'more registries than needed', has: {...needs, registries: [registry]}, asked: needs, isShared: true},
  {name: 'a registry too few', has: needs, asked: {...needs, registries: [registry]}, isShared: false},
  {
    name: 'another setting of a registry',
    has: {...needs, registries: [registry]},
    asked: {...needs, registries: [{...registry, http: false}]},
    isShared: false,
  },
  {name: 'the network of the machine, not needed', has: {...needs, hostNetwork: true}, asked: needs, isShared: true},
  {name: 'another network than needed', has: needs, asked: {...needs, hostNetwork: true}, isShared: false},
])('a builder of the job is shared if it has what a step needs: $name', async ({has, asked, isShared}) => {
  await using directory = await temporaryDirectory()
  const place = path.join(directory.path, 'builders')
  expect(await jobBuilders(place, asked, files)).toEqual([])
  await saveJobBuilder(place, {name, ...has}, files)
  expect(await jobBuilders(place, asked, files)).toEqual(isShared ? [name] : [])
})

test.each(['', '{}', '[]', 'null', `{"name": "mine", "settings": "${settings}"}`])(
  'another file is ignored: %s',
  async (text) => {
    await using directory = await temporaryDirectory()
    await writeFile(jobBuilderFile(directory.path, name), text)
    expect(await jobBuilders(directory.path, needs, files)).toEqual([])
  },
)
