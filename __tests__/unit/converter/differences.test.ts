import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import {action, build, convert, found, metadata, plain} from '../../../testing/docker-steps.ts'

describe('tags of a pre-release that differ', () => {
  const message = (rules: readonly string[], inputs: readonly string[] = [], on?: string): readonly unknown[] =>
    found(
      convert(`${metadata('tags: |', ...rules.map((rule) => `  ${rule}`), ...inputs)}${build()}`, {
        ...(on !== undefined && {on}),
      }),
      'tags-differ',
    )
  const text = (before: string, after: string): unknown => expect.stringContaining(`gave ${before}, and gives ${after}`)

  test.each([
    [['type=semver,pattern=v{{major}}'], '`1.3.0-rc.1`', '`v1.3.0-rc.1`', 10],
    [['type=sha', 'type=semver,pattern={{version}}-alpine'], '`1.3.0-rc.1`', '`1.3.0-rc.1-alpine`', 11],
    [
      ['type=semver,pattern={{raw}}', 'type=semver,pattern={{major}}'],
      '`v1.3.0-rc.1`, `1.3.0-rc.1`',
      '`v1.3.0-rc.1`',
      11,
    ],
    [
      ['type=semver,pattern={{major}}.{{minor}}', 'type=pep440,pattern={{version}}'],
      '`1.3.0-rc.1`, `1.3.0rc1`',
      '`1.3.0rc1`',
      10,
    ],
  ])('%j', (rules, before, after, line) => {
    expect(message(rules)).toEqual([[line, text(before, after)]])
  })

  test('are shown with prefix and suffix', () => {
    expect(message(['type=semver,pattern=v{{version}},suffix=-b'], ['flavor: prefix=a-'])).toEqual([
      [10, text('`a-1.3.0-rc.1-b`', '`a-v1.3.0-rc.1-b`')],
    ])
  })

  test.each([
    [['type=semver,pattern={{version}}', 'type=semver,pattern={{major}}.{{minor}}', 'type=pep440,pattern={{raw}}']],
    [['type=semver,pattern={{major}}.{{minor}}']],
    [['type=semver,pattern={{ version }}', 'type=semver,pattern={{version}}-alpine,enable=false']],
  ])('are none of %j', (rules) => {
    expect(message(rules)).toEqual([])
  })

  test('do not matter if no Git tag starts the workflow', () => {
    const rules = ['type=semver,pattern=v{{version}}']
    expect(message(rules, [], '{push: {branches: [main]}}')).toEqual([])
    expect(message(rules, [], '{push: {branches: [main], tags: [v*]}}')).toHaveLength(1)
    expect(
      message(['type=semver,pattern=v{{version}},value=1.0.0-rc.1'], [], '{push: {branches: [main]}}'),
    ).toHaveLength(1)
  })
})

describe('other tags that differ', () => {
  test.each([
    ['tags: type=raw,value=dev-{{branch}}', 'push', 'is empty'],
    ['tags: type=match,"pattern=v(\\d{1,3})"', 'push', 'comma in quotes'],
    ['tags: type=raw,value=next,enable={{is_default_branch}}', '[push, create]', 'default branch'],
    ['flavor: prefix={{branch}}-,onlatest=true', 'push', 'the expression of'],
    ['flavor: suffix=-a=b', 'push', 'second equals sign'],
  ])('%s', (input, on, message) => {
    const name = input.slice(0, input.indexOf(':'))
    const steps = `${metadata(`${name}: |`, `  ${input.slice(name.length + 2)}`)}${build()}`
    expect(found(convert(steps, {on}), 'tags-differ')).toEqual([[10, expect.stringContaining(message)]])
  })

  test('of a list of images', () => {
    const steps = `${metadata().replace('acme/app', '|\n      acme/app\n      acme/b,acme/c')}${build()}`
    expect(found(convert(steps), 'tags-differ')).toEqual([[10, expect.stringContaining('last name')]])
  })

  test.each([
    'type=raw,value=dev-{{branch}},enable={{is_default_branch}}',
    'type=raw,value={{branch}}-{{sha}}',
    "type=raw,value=a,enable=${{ contains('a,b', 'c,d') }}",
    'type=sha',
  ])('are none of %s', (rule) => {
    expect(found(convert(`${metadata('tags: |', `  ${rule}`)}${build()}`), 'tags-differ')).toEqual([])
  })
})

describe('variables', () => {
  test('that switch the summary off become an input', () => {
    const result = convert(plain, {
      env: "    env:\n      DOCKER_BUILD_SUMMARY: false\n      DOCKER_BUILD_RECORD_UPLOAD: 'false'\n",
    })
    expect(result.text).toContain('          summary: false\n')
    expect(found(result, 'variable-unused').map(([line]) => line)).toEqual([5, 6])
  })

  test.each([
    ["DOCKER_BUILD_SUMMARY: '0'", true],
    ['DOCKER_BUILD_SUMMARY: no', false],
    ['DOCKER_BUILD_NO_SUMMARY: true', true],
    ['DOCKER_BUILD_NO_SUMMARY: false', false],
  ])('%s switches the summary off: %j', (variable, expected) => {
    expect(convert(plain, {env: `    env:\n      ${variable}\n`}).text.includes('summary: false')).toBe(expected)
  })

  test('of the step count before those of the job', () => {
    const steps = plain.replace('  with:', '  env: {DOCKER_BUILD_SUMMARY: "true"}\n  with:')
    expect(convert(steps, {env: '    env: {DOCKER_BUILD_SUMMARY: "false"}\n'}).text).not.toContain('summary: false')
  })

  test('with the time of the build are noted', () => {
    const written = `- run: echo "SOURCE_DATE_EPOCH=$(git log -1 --pretty=%ct)" >> "$GITHUB_ENV"\n${plain}`
    expect(found(convert(written), 'source-date').map(([line]) => line)).toEqual([5])
    const steps = plain.replace('  with:', '  env:\n    SOURCE_DATE_EPOCH: 0\n  with:')
    expect(found(convert(steps), 'source-date').map(([line]) => line)).toEqual([7])
    expect(
      found(convert(`${plain}    build-args: SOURCE_DATE_EPOCH=0\n`), 'source-date').map(([line]) => line),
    ).toEqual([10])
    expect(found(convert(plain), 'source-date')).toEqual([])
  })
})

describe('another commit', () => {
  test.each(['git fetch --tags && git checkout v1.0.0', 'git -c user.name=a commit -m a'])(
    'by %s is noted',
    (script) => {
      const steps = (before: string, after: string): string => `${before}${plain}${after}`
      expect(found(convert(steps(`- run: ${script}\n`, '')), 'other-commit').map(([line]) => line)).toEqual([5])
      expect(found(convert(steps('', `- run: ${script}\n`)), 'other-commit')).toEqual([])
    },
  )

  test('is not that of a command that changes none', () => {
    expect(found(convert(`- run: git fetch --tags && git tag a\n${plain}`), 'other-commit')).toEqual([])
  })
})

test('another commit is none for a build of the event', () => {
  const checkout = '- uses: actions/checkout@v5\n  with: {ref: v1}\n'
  const git = plain.replace('    context: .\n', '')
  expect(found(convert(`${checkout}${plain}`), 'other-commit').map(([line]) => line)).toEqual([6])
  expect(found(convert(`${checkout}${git}`), 'other-commit')).toEqual([])
})

describe('a file', () => {
  const sha = '0123456789012345678901234567890123456789'

  test('with pinned actions has a note about the first pin', () => {
    const pinned = plain.replace('@v7', `@${sha} # v7`)
    const steps = `- uses: actions/checkout@${sha}\n${pinned}${pinned.replace('app:main', 'b:main')}`
    expect(found(convert(steps), 'pin-dropped').map(([line]) => line)).toEqual([6])
    expect(found(convert(plain), 'pin-dropped')).toEqual([])
    const text = `on: push\njobs:\n  image:\n    steps:\n${steps.replaceAll(/^(?=.)/gm, '      ')}`
    const own = convertWorkflow(text, {action: `tagboat/tagboat@${sha} # v1.2.3`})
    expect(found(own, 'pin-dropped')).toEqual([])
  })

  test('has a note about provenance and annotations at its first build', () => {
    const result = convert(`${plain}${plain.replace('app:main', 'b:main')}`)
    expect(found(result, 'provenance-mode')).toEqual([[5, expect.stringContaining('line 10')]])
    expect(found(result, 'annotations-added')).toEqual([[5, expect.stringContaining('line 10')]])
  })

  test.each(['provenance: false', 'provenance: mode=max', 'attests: type=provenance,mode=max'])(
    'with %s has none about provenance',
    (input) => {
      expect(found(convert(`${plain}    ${input}\n`), 'provenance-mode')).toEqual([])
    },
  )

  test('without builds that are pushed has none of them', () => {
    const result = convert(plain.replace('push: true', 'load: true'))
    expect(result.changed).toBe(true)
    expect([...found(result, 'provenance-mode'), ...found(result, 'annotations-added')]).toEqual([])
  })

  test('whose annotations are those of the metadata has none about them', () => {
    const steps = `${metadata()}${build('annotations: ${{ steps.meta.outputs.annotations }}')}`
    expect(found(convert(steps), 'annotations-added')).toEqual([])
    expect(found(convert(`${plain}    annotations: none\n`), 'annotations-added')).toEqual([])
  })
})

const recipe = readFileSync(path.join(import.meta.dirname, '../../fixtures/workflows/digest-recipe/before.yml'), 'utf8')

test('a step that only shows the joined image is removed, which is noted', () => {
  const result = convertWorkflow(recipe, {action})
  const line = recipe.split('\n').findIndex((one) => one.includes('name: Inspect image')) + 1
  expect(found(result, 'inspect-dropped')).toEqual([[line, expect.any(String)]])
  expect(result.text).not.toContain('imagetools inspect')
})

test('a step that does more than to show the joined image stays', () => {
  const result = convertWorkflow(`${recipe.trimEnd()}\n          echo done\n`, {action})
  expect(found(result, 'inspect-dropped')).toEqual([])
  expect(result.text).toContain('imagetools inspect')
})

test('platforms of a promote have its version, which is noted', () => {
  const result = convertWorkflow(recipe, {action})
  expect(found(result, 'digests-promoted')).toContainEqual([
    42,
    expect.stringContaining('`org.opencontainers.image.version`'),
  ])
})

test.each([
  ['- uses: aws-actions/amazon-ecr-login@v2\n  id: ecr\n', 5],
  ['- run: az acr login --name acme\n- run: az webapp restart\n', 5],
])('a login to a cloud that stays is noted: %j', (login, line) => {
  const result = convert(`${login}${plain}- run: aws ecs update-service\n`)
  expect(result.text).toContain(login.trim().split('\n')[0])
  expect(found(result, 'login-kept').map(([at]) => at)).toEqual([line])
  expect(result.jobs.get('image')).toBe('partial')
})
