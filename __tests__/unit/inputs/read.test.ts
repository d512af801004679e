import {describe, expect, test} from '@jest/globals'
import {Secret} from '../../../src/errors/secret.ts'
import type {Inputs} from '../../../src/inputs/inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {noImageOutput} from '../../../src/inputs/build-inputs.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {allSpecs} from '../../../src/inputs/spec/all-inputs.ts'
import {brief} from '../../../testing/problems.ts'

type Given = Readonly<Record<string, string>>

async function read(given: Given): Promise<{inputs: Inputs; problems: string[]; notices: string[]}> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(given)), problems)
  return {inputs, problems: problems.all.map(brief), notices: problems.notices.map(brief)}
}

/** Reads inputs without a problem. */
async function readGood(given: Given): Promise<Inputs> {
  const {inputs, problems} = await read(given)
  expect(problems).toEqual([])
  return inputs
}

const app = {host: 'ghcr.io', path: 'owner/app'}

test('without inputs, all values are defaults', async () => {
  const inputs = await readGood({})
  expect(inputs).toEqual({
    image: {
      images: [],
      tags: [],
      flavor: {latest: 'auto', prefix: '', prefixOnLatest: false, suffix: '', suffixOnLatest: false},
      environment: undefined,
      component: undefined,
      version: {kind: 'auto', given: false},
      variant: undefined,
      uniqueBranchTags: false,
      metadataContext: 'workflow',
      labels: [],
      annotations: [],
      withoutStandard: {labels: false, annotations: false},
      annotationLevels: undefined,
      maxTagLength: 128,
    },
    build: {
      context: '.',
      file: undefined,
      target: undefined,
      builder: undefined,
      platforms: [],
      buildArgs: [],
      buildContexts: [],
      secrets: [],
      secretEnvs: [],
      secretFiles: [],
      ssh: [],
      addHosts: [],
      allow: [],
      attests: [],
      attestations: 'inline',
      provenance: undefined,
      sbom: undefined,
      cache: 'off',
      cacheFrom: [],
      cacheTo: [],
      noCache: false,
      noCacheFilters: [],
      pull: false,
      reproducible: false,
      network: undefined,
      shmSize: undefined,
      ulimit: [],
      cgroupParent: undefined,
      load: false,
      outputs: [],
      image: noImageOutput,
      call: undefined,
    },
    builder: {
      driver: 'auto',
      driverOpts: [],
      buildkitdFlags: undefined,
      buildkitdConfig: undefined,
      buildkitdConfigInline: undefined,
      endpoint: undefined,
      nodes: [],
      keepState: false,
      qemu: 'auto',
      qemuImage: allSpecs['qemu-image'].default,
      mirrors: [],
    },
    credentials: {logins: [], exportLogin: false, githubToken: undefined},
    publish: {
      push: 'auto',
      policy: {floating: 'auto', ifExists: 'verify', onStale: 'skip'},
      retries: 4,
      test: undefined,
      writtenLimits: {maxSize: [], maxGrowth: []},
      withdrawn: [],
      closed: 'keep',
      dryRun: false,
      readsRegistry: false,
      summary: true,
      githubAttestation: 'false',
    },
    promote: {sources: []},
    output: {
      tagSeparator: '\n',
      labelSeparator: '\n',
      annotationSeparator: '\n',
      bakeTarget: 'docker-metadata-action',
    },
  })
})

test('an empty input is its default', async () => {
  const inputs = await readGood({push: '', logout: ' ', 'max-tag-length': '', context: '', flavor: '\n'})
  expect(inputs).toEqual(await readGood({}))
})

test('reports the problems of all inputs', async () => {
  const {problems} = await read({push: 'maybe', load: 'yes', platforms: 'amd64'})
  expect(problems).toHaveLength(3)
})

describe('names', () => {
  test.each<{name: string; given: Given; expected: string}>([
    {
      name: 'a typo',
      given: {platfroms: 'linux/amd64'},
      expected: 'platfroms "platforms"',
    },
    {
      name: 'an unknown name',
      given: {xyzzyxyzzy: ''},
      expected: 'xyzzyxyzzy',
    },
    {
      name: 'an input of a later release',
      given: {'extra-args': '--debug'},
      expected: 'extra-args',
    },
    {
      name: 'a name of Object.prototype',
      given: {constructor: 'x'},
      expected: 'constructor',
    },
  ])('$name', async ({given, expected}) => {
    expect((await read(given)).problems).toEqual([expected])
  })

  test('an empty input of a later release is not a problem', async () => {
    await readGood({'if-exists': ' ', cache: ''})
  })
})

test('logout: false has no effect, and gives a notice', async () => {
  const {problems, notices} = await read({logout: 'false'})
  expect(problems).toEqual([])
  expect(notices).toEqual(['logout'])
})

describe('booleans and words', () => {
  test.each(['true', 'True', 'TRUE', ' true\n'])('%j is true', async (text) => {
    expect((await readGood({pull: text})).build.pull).toBe(true)
  })

  test.each(['false', 'False', 'FALSE'])('%j is false', async (text) => {
    expect((await readGood({summary: text})).publish.summary).toBe(false)
  })

  test.each(['yes', '1', 'on', 'tRUE'])('%j is neither', async (text) => {
    expect((await read({pull: text})).problems).toEqual([`pull "${text}"`])
  })

  test.each([
    {given: 'auto', expected: 'auto'},
    {given: 'True', expected: 'true'},
    {given: 'false', expected: 'false'},
  ])('push: $given', async ({given, expected}) => {
    expect((await readGood({push: given})).publish.push).toBe(expected)
  })

  test('push does not allow other values', async () => {
    expect((await read({push: 'yes'})).problems).toEqual(['push "yes"'])
  })

  test.each(['7', '129', '1e2', '-8', '64.0', '99999999999999999999'])('max-tag-length: %s', async (text) => {
    const {inputs, problems} = await read({'max-tag-length': text})
    const expected = `max-tag-length "${text}"`
    expect({length: inputs.image.maxTagLength, problems}).toEqual({length: 128, problems: [expected]})
  })

  test.each(['8', '128'])('max-tag-length: %s is valid', async (text) => {
    expect((await readGood({'max-tag-length': text})).image.maxTagLength).toBe(Number(text))
  })
})

describe('images', () => {
  test.each([
    {name: 'a name', given: 'ghcr.io/owner/app', expected: [{repository: app, enable: 'true', line: 1}]},
    {
      name: 'names on one line and the next',
      given: 'ghcr.io/owner/app,alpine\nuser/app',
      expected: [
        {repository: app, enable: 'true', line: 1},
        {repository: {host: 'docker.io', path: 'library/alpine'}, enable: 'true', line: 1},
        {repository: {host: 'docker.io', path: 'user/app'}, enable: 'true', line: 2},
      ],
    },
    {
      name: 'attributes',
      given: '# both\nname=ghcr.io/owner/app,enable={{is_default_branch}}',
      expected: [{repository: app, enable: '{{is_default_branch}}', enableColumn: 31, line: 2}],
    },
    {
      name: 'a bare name with an attribute',
      given: 'ghcr.io/owner/app,enable=true',
      expected: [{repository: app, enable: 'true', enableColumn: 26, line: 1}],
    },
    {
      name: 'names that lack a part, in lines that are switched off',
      given: 'name=ghcr.io//app,enable=false\n/app,enable=false\nname=,enable=false,required=false',
      expected: [
        {repository: undefined, enable: 'false', enableColumn: 26, line: 1},
        {repository: undefined, enable: 'false', enableColumn: 13, line: 2},
        {repository: undefined, enable: 'false', enableColumn: 14, line: 3, isBestEffort: true},
      ],
    },
  ])('$name', async ({given, expected}) => {
    expect((await readGood({images: given})).image.images).toEqual(expected)
  })

  test('upper case is changed to lower case, with a notice', async () => {
    const {inputs, problems, notices} = await read({images: '\n  name=GHCR.io/Owner/App'})
    expect(inputs.image.images).toEqual([{repository: app, enable: 'true', line: 2}])
    expect(problems).toEqual([])
    expect(notices).toEqual(['images 2:8'])
  })

  test.each([
    {
      name: 'a tag',
      given: '  name=user/app:1.0',
      expected: 'images 1:16',
    },
    {
      name: 'a name that lacks a part, which an expression may switch on',
      given: 'name=ghcr.io//app,enable={{is_default_branch}}',
      expected: 'images 1:14',
    },
    {
      name: 'an unknown attribute',
      given: 'name=a,enabled=true',
      expected: 'images 1:8 "enabled" "enable"',
    },
    {
      name: 'enable that is not a boolean',
      given: 'name=a,enable=yes',
      expected: 'images 1:15 "yes"',
    },
    {
      name: 'attributes without a name',
      given: 'a\nenable=true',
      expected: 'images 2:1',
    },
    {
      name: 'several names with attributes',
      given: 'a,b,enable=true',
      expected: 'images 1:3',
    },
    {
      name: 'an open quote',
      given: '"name=a',
      expected: 'images 1:1',
    },
  ])('rejects $name', async ({given, expected}) => {
    const {inputs, problems} = await read({images: given})
    expect(problems).toEqual([expected])
    expect(inputs.image.images.filter(({line}) => line > 1)).toEqual([])
  })
})

test('tags are lines for the rule parser', async () => {
  const {image} = await readGood({tags: '# mine\n  type=raw,"value=a"  \n\nuser/app:1.0'})
  expect(image.tags).toEqual([
    {text: 'type=raw,"value=a"', number: 2},
    {text: 'user/app:1.0', number: 4},
  ])
})

describe('flavor', () => {
  const none = {latest: 'auto', prefix: '', prefixOnLatest: false, suffix: '', suffixOnLatest: false}

  test.each([
    {name: 'latest', given: 'latest=false', expected: {...none, latest: 'false'}},
    {
      name: 'prefix and suffix',
      given: 'prefix={{branch}}-,onlatest=true\nsuffix=-alpine',
      expected: {
        ...none,
        prefix: '{{branch}}-',
        prefixPlace: {line: 1, column: 8},
        prefixOnLatest: true,
        suffix: '-alpine',
        suffixPlace: {line: 2, column: 8},
      },
    },
    {
      name: 'all on one line',
      given: 'latest=true,prefix=a-,suffix=-b,onlatest=true',
      expected: {
        ...none,
        latest: 'true',
        prefix: 'a-',
        prefixPlace: {line: 1, column: 20},
        suffix: '-b',
        suffixPlace: {line: 1, column: 30},
        suffixOnLatest: true,
      },
    },
    {
      name: 'a value that contains =',
      given: 'prefix=a=b',
      expected: {...none, prefix: 'a=b', prefixPlace: {line: 1, column: 8}},
    },
    {
      name: 'a duplicate: the last one applies',
      given: 'prefix=a\nPrefix=b',
      expected: {...none, prefix: 'b', prefixPlace: {line: 2, column: 8}},
    },
  ])('$name', async ({given, expected}) => {
    expect((await readGood({flavor: given})).image.flavor).toEqual(expected)
  })

  test.each([
    {
      name: 'an unknown attribute',
      given: 'latest=auto\n  sufix=-x',
      expected: 'flavor 2:3 "sufix" "suffix"',
    },
    {
      name: 'another latest',
      given: 'latest=yes',
      expected: 'flavor 1:8 "yes"',
    },
    {
      name: 'onlatest alone',
      given: 'prefix=a\nonlatest=true',
      expected: 'flavor 2:1',
    },
    {
      name: 'a word',
      given: 'latest',
      expected: 'flavor 1:1 "latest"',
    },
  ])('rejects $name', async ({given, expected}) => {
    expect((await read({flavor: given})).problems).toEqual([expected])
  })
})

describe('environment', () => {
  test.each<{given: Given; expected: Inputs['image']['environment']}>([
    {given: {environment: 'staging'}, expected: {name: 'staging', style: 'suffix'}},
    {given: {environment: '_x.y', 'environment-style': 'suffix'}, expected: {name: '_x.y', style: 'suffix'}},
    {given: {environment: 'QA-1', 'environment-style': 'repository'}, expected: {name: 'QA-1', style: 'repository'}},
    {given: {'environment-style': 'repository'}, expected: undefined},
  ])('$given', async ({given, expected}) => {
    expect((await readGood(given)).image.environment).toEqual(expected)
  })

  test.each<{given: Given; expected: string}>([
    {given: {environment: 'a/b'}, expected: 'environment "a/b"'},
    {given: {environment: '-a'}, expected: 'environment "-a"'},
    {
      given: {environment: 'a..b', 'environment-style': 'repository'},
      expected: 'environment "a..b"',
    },
    {
      given: {environment: 'a'.repeat(12), 'max-tag-length': '20'},
      expected: 'environment "aaaaaaaaaaaa"',
    },
    {
      given: {environment: 'a', 'environment-style': 'repo'},
      expected: 'environment-style "repo"',
    },
  ])('rejects $given', async ({given, expected}) => {
    expect((await read(given)).problems).toEqual([expected])
  })
})

describe('labels and annotations', () => {
  test('labels keep their templates, and empty values', async () => {
    const {image} = await readGood({labels: 'a={{sha}}=1,2\n# b\nc=\n"d=1\n2"'})
    expect(image.labels).toEqual([
      {key: 'a', value: '{{sha}}=1,2', line: 1},
      {key: 'c', value: '', line: 3},
      {key: 'd', value: '1\n2', line: 4},
    ])
  })

  test('a label without = is a problem', async () => {
    expect((await read({labels: 'a=1\n  b'})).problems).toEqual(['labels 2:3'])
  })

  test('the word none switches off the standard ones, beside other lines', async () => {
    const {image} = await readGood({labels: ' none \na=1', annotations: 'a=none'})
    expect(image.withoutStandard).toEqual({labels: true, annotations: false})
    expect(image.labels).toEqual([{key: 'a', value: '1', line: 2}])
    expect((await readGood({annotations: '# all\nnone'})).image).toMatchObject({
      annotations: [],
      withoutStandard: {labels: false, annotations: true},
    })
    expect((await read({labels: 'None\nnone,a=1'})).problems).toEqual(['labels 1:1'])
  })

  test('an annotation may have levels', async () => {
    const {image} = await readGood({
      annotations:
        'a=x:y\nindex:b=1\nindex,manifest-descriptor:c=2\nmanifest[linux/arm/v7],manifest-descriptor[linux/arm64/v8]:d=3',
    })
    expect(image.annotations).toEqual([
      {key: 'a', value: 'x:y', line: 1, levels: undefined},
      {key: 'b', value: '1', line: 2, levels: ['index']},
      {key: 'c', value: '2', line: 3, levels: ['index', 'manifest-descriptor']},
      {key: 'd', value: '3', line: 4, levels: ['manifest[linux/arm/v7]', 'manifest-descriptor[linux/arm64]']},
    ])
  })

  test.each([
    {
      name: 'an unknown level',
      given: 'indx:a=1',
      expected: 'annotations 1 "indx" "index"',
    },
    {
      name: 'a platform of an index',
      given: 'index-descriptor[linux/amd64]:a=1',
      expected: 'annotations 1 "index-descriptor[linux/amd64]"',
    },
  ])('rejects $name', async ({given, expected}) => {
    expect((await read({annotations: given})).problems).toEqual([expected])
  })

  test.each([
    {given: 'manifest,index', expected: ['manifest', 'index']},
    {given: 'manifest, index\nindex', expected: ['manifest', 'index']},
    {given: 'manifest[linux/amd64],index', expected: ['manifest[linux/amd64]', 'index']},
    {given: '', expected: undefined},
  ])('annotation-levels: $given', async ({given, expected}) => {
    expect((await readGood({'annotation-levels': given})).image.annotationLevels).toEqual(expected)
  })

  test('an unknown annotation level', async () => {
    expect((await read({'annotation-levels': 'manifest,indexes'})).problems).toEqual([
      'annotation-levels 1:10 "indexes" "index"',
    ])
  })
})

test('the error counts inputs, not problems', async () => {
  const problems = new Problems()
  await readInputs(new Map([['labels', 'a\nb']]), problems)
  expect(() => {
    problems.throwIfAny()
  }).toThrow('One input of this step is not valid.')
})

test('secrets are hidden in the parsed inputs', async () => {
  const inputs = await readGood({password: 'hunter2', secrets: 'id=hunter2', 'github-token': 'hunter2'})
  expect(JSON.stringify(inputs)).not.toContain('hunter2')
  expect(inputs.credentials.githubToken).toEqual(new Secret('hunter2'))
})
