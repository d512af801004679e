import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../../src/converter/conversion.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readWorkflow} from '../../../src/workflow-file/read-workflow.ts'
import {briefProblems} from '../../../testing/problems.ts'

/** Converts the steps of a job that runs for pushes and pull requests. */
async function convert(steps: string, on = '[push, pull_request]'): Promise<Conversion> {
  return convertText(`on: ${on}\njobs:\n  image:\n    runs-on: ubuntu-24.04\n    steps:\n${indented(steps)}`)
}

async function convertText(text: string): Promise<Conversion> {
  const conversion = convertWorkflow(text, {action: 'tagboat/tagboat@v1'})
  if (conversion.changed) expect(await problemsOf(conversion.text)).toEqual([])
  return conversion
}

function indented(steps: string): string {
  return steps.replaceAll(/^(?=.)/gm, '      ')
}

/** Steps of the result, without the indentation. */
function stepsOf({text}: Conversion): string {
  const lines = text.split('\n')
  return lines
    .slice(lines.indexOf('    steps:') + 1)
    .map((line) => line.slice(6))
    .join('\n')
}

/** Levels, codes and lines of the remarks, without those about all builds of a file. */
function codes({remarks}: Conversion): readonly string[] {
  return remarks
    .filter(({code}) => code !== 'provenance-mode' && code !== 'annotations-added')
    .map(({level, code, place}) => `${level} ${code} ${place.line}`)
}

/** Problems of the inputs of all steps of Tagboat. Expressions are replaced with a text that each input accepts. */
async function problemsOf(text: string): Promise<readonly string[]> {
  const result = readWorkflow(text)
  if ('problems' in result) return result.problems.map(({message}) => message)
  const problems = new Problems()
  for (const step of result.workflow.jobs.flatMap(({steps}) => steps)) {
    const action = /^tagboat\/tagboat(?:\/(?<name>stage|promote))?@/.exec(step.uses?.text ?? '')?.groups?.['name']
    if (step.uses?.text.startsWith('tagboat/') !== true) continue
    const raw = new Map([...step.with].map(([name, {text: value}]) => [name, withoutExpressions(name, value)]))
    await readInputs(raw, problems, action === 'stage' || action === 'promote' ? action : 'publish')
  }
  return briefProblems(problems)
}

function withoutExpressions(name: string, value: string): string {
  if (name === 'flavor') return value.replaceAll(/\$\{\{.*?\}\}/gs, 'suffix=-x')
  if (name === 'push') return value.replace(/\$\{\{.*\}\}/s, 'true')
  if (name === 'platforms') return value.replaceAll(/\$\{\{.*?\}\}/gs, 'linux/amd64')
  return value
    .replaceAll(/(?<=enable[=:] ?)\$\{\{.*?\}\}/gs, 'true')
    .replaceAll(/\$\{\{ toJSON\(.*?\}\}/gs, '"secret"')
    .replaceAll(/\$\{\{.*?\}\}/gs, 'value')
}

const meta = `- uses: docker/metadata-action@v5
  id: meta
  with:
    images: acme/app
    tags: |
      type=ref,event=branch
      type=semver,pattern={{version}}
`
const build = `- uses: docker/build-push-action@v6
  with:
    context: .
    push: \${{ github.event_name != 'pull_request' }}
    tags: \${{ steps.meta.outputs.tags }}
    labels: \${{ steps.meta.outputs.labels }}
`

function plainBuild(tag: string): string {
  return `- uses: docker/build-push-action@v6\n  with:\n    context: .\n    push: true\n    tags: acme/app:${tag}\n`
}

describe('the five actions', () => {
  test('become one step', async () => {
    const conversion = await convert(`- uses: actions/checkout@v4
- uses: docker/setup-qemu-action@v3
- uses: docker/setup-buildx-action@v3
- uses: docker/login-action@v3
  if: github.event_name != 'pull_request'
  with:
    username: \${{ vars.DOCKERHUB_USERNAME }}
    password: \${{ secrets.DOCKERHUB_TOKEN }}
${meta}${build}`)
    expect(stepsOf(conversion)).toBe(`- uses: actions/checkout@v4
- uses: tagboat/tagboat@v1
  with:
    images: acme/app
    tags: |
      type=ref,event=branch
      type=semver,pattern={{version}}
    username: \${{ vars.DOCKERHUB_USERNAME }}
    password: \${{ secrets.DOCKERHUB_TOKEN }}
    context: .
`)
    expect(conversion.jobs).toEqual(new Map([['image', 'converted']]))
    expect(codes(conversion)).toEqual([])
  })
})

describe('a text without the actions', () => {
  test.each([
    'on: push\r\njobs:\r\n  a:\r\n    steps:\r\n    - run: x',
    '# only a comment\nname: x\non: push\njobs: {}\n',
  ])('%j is returned byte for byte', async (text) => {
    expect(await convertText(text)).toMatchObject({text, changed: false, remarks: []})
  })

  test('an invalid file is returned with its problem', async () => {
    const text = 'on: push\njobs:\n  a: [\n'
    expect(await convertText(text)).toMatchObject({
      text,
      changed: false,
      remarks: [{code: 'invalid-file', place: {line: 3}}],
    })
  })
})

describe('the push', () => {
  test.each([
    ["push: ${{ github.event_name != 'pull_request' }}", ''],
    ["push: ${{ !(github.event_name == 'pull_request') }}", ''],
    ["push: ${{'pull_request' != github.event_name}}", ''],
    ['push: true', 'push: true'],
    ["push: ${{ github.ref == 'refs/heads/main' }}", "push: ${{ github.ref == 'refs/heads/main' }}"],
    ['push: false', 'push: false'],
    ['load: true', 'load: true\npush: false'],
    ['outputs: type=registry', 'push: true'],
    ['outputs: type=image,push=true,compression=zstd', 'outputs: type=image,compression=zstd\npush: true'],
    ["outputs: type=image,push=${{ github.event_name != 'pull_request' }}", ''],
    ["outputs: type=image,push=${{ github.ref == 'refs/heads/main' }}", "push: ${{ github.ref == 'refs/heads/main' }}"],
    ['outputs: type=docker,dest=image.tar', 'outputs: type=docker,dest=image.tar\npush: false'],
    ["push: ${{ github.ref == 'refs/heads/main' }}\noutputs: type=registry", 'push: true'],
    [
      'push: ${{ inputs.push }}\noutputs: type=image,compression=zstd,push=true',
      'push: true\noutputs: type=image,compression=zstd',
    ],
    ["push: true\noutputs: type=image,push=${{ github.ref == 'refs/heads/main' }}", 'push: true'],
    ['push: ${{ inputs.push }}\noutputs: type=image,push=false', 'push: ${{ inputs.push }}'],
    ['push: ${{ inputs.push }}\noutputs: type=image,push=${{ inputs.push }}', 'push: ${{ inputs.push }}'],
    ["push: ${{ github.event_name != 'pull_request' }}\noutputs: type=image", ''],
    ['push: true\noutputs: type=image,compression=zstd', 'push: true\noutputs: type=image,compression=zstd'],
    ['push: false\noutputs: type=registry', 'push: true'],
    ['outputs: type=registry,push=false', 'push: true'],
    ['outputs: type=image,push=False', 'outputs: type=image,push=False\npush: false'],
  ])('%s becomes %j', async (written, expected) => {
    const conversion = await convert(`- uses: docker/build-push-action@v6
  with:
    context: .
    tags: acme/app:main
${written.replaceAll(/^/gm, '    ')}
`)
    const lines = expected === '' ? '' : `${expected.replaceAll(/^/gm, '    ')}\n`
    expect(stepsOf(conversion)).toBe(`- uses: tagboat/tagboat@v1
  with:
    context: .
    tags: acme/app:main
${lines}`)
  })
})

describe('the push is not known', () => {
  test.each([
    'push: ${{ inputs.a }}\noutputs: type=image,push=${{ inputs.b }}',
    'push: true\noutputs: |\n  type=image,name=a/b\n  type=registry',
  ])('for %j', async (written) => {
    const conversion = await convert(`- uses: docker/build-push-action@v6
  with:
    tags: acme/app:main
${written.replaceAll(/^/gm, '    ')}
`)
    expect(codes(conversion)).toEqual(['refused outputs-unknown 10'])
  })
})

describe('the logins', () => {
  const login = (inputs: string, rest = ''): string => `- uses: docker/login-action@v3\n${rest}  with: {${inputs}}\n`
  const token = login('registry: ghcr.io, username: "${{ github.actor }}", password: "${{ secrets.GITHUB_TOKEN }}"')
  const hub = login('username: "${{ vars.NAME }}", password: "${{ secrets.TOKEN }}"')
  const plain =
    '- uses: docker/build-push-action@v6\n  with:\n    context: .\n    push: true\n    tags: acme/app:main\n'

  test.each([
    {name: 'the job token', steps: `- uses: actions/checkout@v4\n${token}`, inputs: ''},
    {name: 'the token without a checkout', steps: token, inputs: "    registry-auth: '- registry: ghcr.io'\n"},
    {
      name: 'several',
      steps: `${hub}${login('registry: quay.io, username: "${{ secrets.A }}+robot", password: "${{ secrets.B }}"')}`,
      inputs: `    registry-auth: |
      - username: \${{ toJSON(vars.NAME) }}
        password: \${{ toJSON(secrets.TOKEN) }}
      - registry: quay.io
        username: \${{ toJSON(format('{0}+robot', secrets.A)) }}
        password: \${{ toJSON(secrets.B) }}
`,
    },
    {
      name: 'a condition of its own',
      steps: login(
        'username: "${{ vars.NAME }}", password: "${{ secrets.TOKEN }}"',
        "  if: github.repository == 'acme/app'\n",
      ),
      inputs: `    registry-auth: |
      - username: \${{ toJSON(vars.NAME) }}
        password: \${{ toJSON(secrets.TOKEN) }}
        enable: \${{ github.repository == 'acme/app' }}
`,
    },
  ])('$name', async ({steps, inputs}) => {
    const conversion = await convert(`${steps}${plain}`)
    const checkout = steps.startsWith('- uses: actions/checkout') ? '- uses: actions/checkout@v4\n' : ''
    expect(stepsOf(conversion)).toBe(
      `${checkout}- uses: tagboat/tagboat@v1\n  with:\n${inputs}${plain.split('with:\n')[1] ?? ''}`,
    )
  })

  test('one that a step needs before the build stays', async () => {
    const conversion = await convert(`${hub}- run: docker pull acme/base\n${plain}`)
    expect(stepsOf(conversion)).toContain('docker/login-action@v3')
    expect(codes(conversion)).toEqual(['kept login-kept 6', 'note labels-added 9'])
    expect(conversion.jobs.get('image')).toBe('partial')
  })

  test('one that a step needs after the build is exported', async () => {
    const conversion = await convert(`${hub}${plain}- run: cosign sign acme/app:main\n`)
    expect(stepsOf(conversion)).toContain('    export-login: true\n')
    expect(codes(conversion)).toContain('note export-login 13')
  })
})

describe('metadata outputs', () => {
  test('are read from the build', async () => {
    const conversion = await convert(
      `${meta}${build}- run: echo \${{ steps.meta.outputs.version }} \${{ steps['meta'].outputs.tags }}\n`,
    )
    expect(stepsOf(conversion)).toContain('- uses: tagboat/tagboat@v1\n  id: publish\n')
    expect(stepsOf(conversion)).toContain(
      "echo ${{ steps.publish.outputs.version }} ${{ steps['publish'].outputs.tags }}",
    )
    expect(conversion.jobs.get('image')).toBe('converted')
  })

  test('before the build need a dry run', async () => {
    const conversion = await convert(`${meta}- run: echo \${{ steps.meta.outputs.version }}\n${build}`)
    expect(stepsOf(conversion)).toMatch(
      /^- uses: tagboat\/tagboat@v1\n {2}id: meta\n[\s\S]*dry-run: true\n- run: echo \$\{\{ steps\.meta/,
    )
    expect(codes(conversion)).toEqual(['kept metadata-kept 6'])
  })

  test('as variables are exported', async () => {
    const conversion = await convert(`${meta}${build}- run: echo "$DOCKER_METADATA_OUTPUT_VERSION"\n`)
    expect(stepsOf(conversion)).toContain('  env:\n    DOCKER_METADATA_SET_OUTPUT_ENV: true\n')
  })

  test('of a job are renamed', async () => {
    const {text} = await convertText(`on: push
jobs:
  image:
    outputs:
      version: \${{ steps.meta.outputs.version }}
    steps:
${indented(meta)}${indented(build)}`)
    expect(text).toContain('version: ${{ steps.publish.outputs.version }}')
  })
})

describe('the rules', () => {
  const withTags = (lines: string): string =>
    meta.replace(/ {6}type=ref[\s\S]*/, lines.replaceAll(/^/gm, '      ') + '\n') + build

  test('without an effect lose their attributes', async () => {
    const conversion = await convert(withTags('type=edge,onlatest=false\ntype=raw,event=push,value=next'))
    expect(stepsOf(conversion)).toContain('    tags: |\n      type=edge\n      type=raw,value=next\n')
    expect(codes(conversion)).toEqual(['note attribute-dropped 11', 'note attribute-dropped 12'])
  })

  test('for a full version may move, unless only releases run', async () => {
    const steps = withTags('type=raw,value=2.20.1\ntype=raw,value=latest')
    const moved = await convert(steps)
    expect(stepsOf(moved)).toContain('      type=raw,value=2.20.1,mutable=true\n      type=raw,value=latest\n')
    expect(codes(moved)).toEqual(['note exact-moves 11'])
    expect(codes(await convert(steps, '{push: {tags: ["v*"]}}'))).toEqual([])
  })

  test.each([
    {versions: '[3.12.0, 3.13.1]', mutable: true, codes: ['exact-moves']},
    {versions: '["3.12", "3.13"]', mutable: false, codes: []},
    {versions: '"${{ fromJSON(vars.VERSIONS) }}"', mutable: false, codes: ['exact-unknown']},
  ])('of the matrix $versions are those of its values', ({versions, mutable, codes: expected}) => {
    const text = `on: push
jobs:
  image:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        version: ${versions}
    steps:
      - uses: docker/metadata-action@v5
        id: meta
        with:
          images: acme/app
          tags: |
            type=raw,value=\${{ matrix.version }}
      - uses: docker/build-push-action@v6
        with:
          context: .
          push: true
          tags: \${{ steps.meta.outputs.tags }}
          labels: \${{ steps.meta.outputs.labels }}
`
    const conversion = convertWorkflow(text, {action: 'tagboat/tagboat@v1'})
    expect(conversion.text.includes('type=raw,value=${{ matrix.version }},mutable=true')).toBe(mutable)
    expect(conversion.remarks.map(({code}) => code).filter((code) => code.startsWith('exact'))).toEqual(expected)
    const plain = text
      .replace(/ {6}- uses: docker\/metadata[^]*?(?= {6}- uses: docker\/build)/, '')
      .replace('${{ steps.meta.outputs.tags }}', 'acme/app:${{ matrix.version }}')
      .replace(/ +labels: .*\n/, '')
    expect(convertWorkflow(plain, {action: 'tagboat/tagboat@v1'}).text.includes(',mutable=true')).toBe(mutable)
  })

  test('whose text is not known are marked', async () => {
    const conversion = await convert(
      withTags('type=raw,value=${{ inputs.version }}\ntype=raw,value=${{ github.run_number }}'),
    )
    expect(codes(conversion)).toEqual(['note exact-unknown 11'])
  })

  test.each([
    ['type=semver,value=${{ inputs.version }},pattern={{version}}', ['note exact-unknown 11']],
    ['type=semver,value=${{ inputs.version }}', ['note exact-unknown 11']],
    ['type=semver,value=${{ inputs.version }},pattern={{major}}.{{minor}}', []],
    ['type=raw,value=${{ inputs.channel }}-${{ github.run_number }}', []],
    ['type=raw,value=${{ inputs.check }}', []],
  ])('of the inputs may be versions: %s', async (rule, expected) => {
    const inputs = '{version: {type: string}, channel: {type: choice, options: [stable, beta]}, check: {type: boolean}}'
    const conversion = await convert(withTags(rule), `{workflow_dispatch: {inputs: ${inputs}}}`)
    expect(codes(conversion).filter((code) => code.includes('exact'))).toEqual(expected)
    const direct = plainBuild(rule.split('value=')[1] ?? '')
    if (rule.startsWith('type=raw'))
      expect(codes(await convert(direct, `{workflow_dispatch: {inputs: ${inputs}}}`)).join()).not.toContain('exact')
  })

  const defaults = String.raw`fromJSON('"type=schedule\ntype=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr"')`

  test.each([
    ['${{ inputs.tags }}', `\${{ inputs.tags || ${defaults} }}`],
    ["${{ inputs.a && inputs.b || '' }}", `\${{ inputs.a && inputs.b || '' || ${defaults} }}`],
    ["${{ inputs.tags || 'type=sha' }}", "${{ inputs.tags || 'type=sha' }}"],
  ])('of the expression %s are the default ones where it is empty', async (written, expected) => {
    const conversion = await convert(`${meta.replace(/tags:[\s\S]*/, `tags: ${written}\n`)}${build}`)
    expect(stepsOf(conversion)).toContain(`    tags: ${expected}\n`)
    const isSame = written === expected
    expect(codes(conversion)).toEqual(['note exact-unknown 10', ...(isSame ? [] : ['note tags-expression 10'])])
  })

  test('beside an expression leave it as it is', async () => {
    const conversion = await convert(withTags('${{ inputs.tags }}\ntype=sha'))
    expect(stepsOf(conversion)).toContain('      ${{ inputs.tags }}\n      type=sha\n')
    expect(codes(conversion)).toEqual(['note exact-unknown 11'])
  })

  test('of a flavor from an expression stay', async () => {
    const flavor = '    flavor: ${{ matrix.flavor }}\n'
    const conversion = await convert(`${meta}${flavor}${build}`)
    expect(stepsOf(conversion)).toContain(flavor)
    expect(codes(conversion)).toEqual([])
  })

  test('from a matrix count for all legs', async () => {
    const {jobs, changed} = await convertText(`on: push
jobs:
  image:
    strategy:
      matrix:
        include:
          - {name: a, tags: "type=semver,pattern={{version}},suffix="}
          - {name: b, tags: "type=ref,event=branch"}
    steps:
${indented(meta.replace(/tags:[\s\S]*/, 'tags: ${{ matrix.tags }}\n'))}${indented(build)}${indented(build)}`)
    expect(jobs.get('image')).toBe('refused')
    expect(changed).toBe(false)
  })

  test('of two builds that share a tag are refused', async () => {
    const second = build.replace('context: .', 'context: ./other')
    const conversion = await convert(`${meta}${build}${second}`)
    expect(codes(conversion)).toContain('refused same-tag 19')
    expect(conversion.changed).toBe(false)
  })
})

describe('builds by digest', () => {
  const workflow = (script: string): string => `on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        platform: [linux/amd64, linux/arm64]
    steps:
      - uses: docker/build-push-action@v6
        id: build
        with:
          context: .
          platforms: \${{ matrix.platform }}
          outputs: type=image,name=acme/app,push-by-digest=true,name-canonical=true,push=true
      - run: touch "/tmp/digests/\${DIGEST#sha256:}"
        env:
          DIGEST: \${{ steps.build.outputs.digest }}
      - uses: actions/upload-artifact@v4
        with: {name: "digests-\${{ strategy.job-index }}", path: /tmp/digests}
  merge:
    needs: build
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/download-artifact@v4
        with: {pattern: digests-*, path: /tmp/digests, merge-multiple: true}
${indented(meta)}      - name: Join
        working-directory: /tmp/digests
        run: |
          ${script}
      - run: docker buildx imagetools inspect acme/app:\${{ steps.meta.outputs.version }}
`
  const join = `docker buildx imagetools create $(jq -cr '.tags | map("-t " + .) | join(" ")' <<< "$DOCKER_METADATA_OUTPUT_JSON") $(printf 'acme/app@sha256:%s ' *)`

  test('become stage and promote', async () => {
    const {text, jobs} = await convertText(workflow(join))
    const rules = `          images: acme/app
          tags: |
            type=ref,event=branch
            type=semver,pattern={{version}}
`
    expect(text).toContain(`      - uses: tagboat/tagboat/stage@v1
        id: build
        with:
${rules}          context: .
          platforms: \${{ matrix.platform }}
          push: true
`)
    expect(text).toContain(`      - name: Join
        uses: tagboat/tagboat/promote@v1
        with:
${rules}          digests: file:/tmp/digests
          platforms: linux/amd64,linux/arm64
          push: true
`)
    expect(text).not.toContain('imagetools')
    expect(jobs).toEqual(
      new Map([
        ['build', 'converted'],
        ['merge', 'converted'],
      ]),
    )
  })

  test('stay if a script makes the tags', async () => {
    const conversion = await convertText(
      workflow(`tags="-t acme/app:$GITHUB_REF_NAME"; docker buildx imagetools create $tags *`),
    )
    expect(conversion.changed).toBe(false)
    expect(codes(conversion)).toEqual(['refused digests-unclear 14', 'refused composed-tags 33'])
  })
})

describe('metadata alone', () => {
  test('becomes a dry run', async () => {
    const conversion = await convert(`${meta}- run: echo \${{ steps.meta.outputs.version }}\n`)
    expect(stepsOf(conversion)).toContain('- uses: tagboat/tagboat@v1\n  id: meta\n')
    expect(stepsOf(conversion)).toContain('    dry-run: true\n')
    expect(conversion.jobs.get('image')).toBe('converted')
  })
})

describe('signatures with cosign', () => {
  const signed = (run: string, rest = ''): string => `on: push
permissions: {contents: read, packages: write, id-token: write}
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
${indented(meta)}${indented(build.replace('  with:', '  id: build\n  with:'))}      - uses: sigstore/cosign-installer@v4
      - run: ${run}
        env:
          DIGEST: \${{ steps.build.outputs.digest }}
          TAGS: \${{ steps.meta.outputs.tags }}
          KEY: \${{ secrets.COSIGN_KEY }}
${indented(rest)}`

  test.each([
    ['cosign sign --yes acme/app@$DIGEST', '          sign: keyless\n'],
    ['cosign sign --yes "acme/app@${{ steps.build.outputs.digest }}"', '          sign: keyless\n'],
    [
      'cosign sign --key env://KEY --yes "acme/app@${DIGEST}"',
      '          sign: key\n          sign-key: ${{ secrets.COSIGN_KEY }}\n',
    ],
    ['echo "${TAGS}" | xargs -I {} cosign sign --yes {}@${DIGEST}', '          sign: keyless\n'],
  ])('%s becomes an input', async (run, inputs) => {
    const conversion = await convertText(signed(run))
    expect(conversion.text).toContain(inputs)
    expect(conversion.text).not.toContain('cosign')
    expect(codes(conversion)).toEqual(['note signed 22'])
  })

  test.each([
    'cosign sign --yes other/app@$DIGEST',
    'cosign sign --yes -a x=y acme/app@$DIGEST',
    'cosign sign --yes acme/app:latest',
    'cosign sign --yes acme/app@$DIGEST && echo done',
  ])('%s stays', async (run) => {
    const {text} = await convertText(signed(run))
    expect(text).toContain(run)
    expect(text).toContain('cosign-installer')
  })

  test('keep cosign for another step', async () => {
    const {text} = await convertText(signed('cosign sign --yes acme/app@$DIGEST', '- run: cosign verify acme/app\n'))
    expect(text).toContain('sign: keyless')
    expect(text).toContain('cosign-installer')
  })
})

describe('a login to a cloud', () => {
  const plain = (tags: string): string =>
    `- uses: docker/build-push-action@v6\n  with:\n    context: .\n    push: true\n    tags: ${tags}\n`
  const aws = `- uses: aws-actions/configure-aws-credentials@v6
  with:
    role-to-assume: arn:aws:iam::123456789012:role/ci
    aws-region: eu-west-1
- uses: aws-actions/amazon-ecr-login@v2
  id: ecr
`
  const google = `- uses: google-github-actions/auth@v3
  id: auth
  with:
    token_format: access_token
    workload_identity_provider: projects/1/locations/global/workloadIdentityPools/github/providers/github
    service_account: ci@acme.iam.gserviceaccount.com
- uses: docker/login-action@v3
  with:
    registry: europe-docker.pkg.dev
    username: oauth2accesstoken
    password: \${{ steps.auth.outputs.access_token }}
`
  const azure = `- uses: azure/login@v3
  with: {client-id: 11111111-1111-1111-1111-111111111111, tenant-id: 22222222-2222-2222-2222-222222222222, subscription-id: x}
- run: az acr login --name acme
`
  const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'

  test.each([
    {
      name: 'AWS, whose host an output gives',
      steps: `${aws}${plain('${{ steps.ecr.outputs.registry }}/app:main')}`,
      inputs: ['aws-role: arn:aws:iam::123456789012:role/ci', `tags: ${host}/app:main`],
    },
    {
      name: 'AWS, whose host is written',
      steps: `${aws}${plain(`${host}/app:main`)}`,
      inputs: ['aws-role: arn:aws:iam::123456789012:role/ci', `tags: ${host}/app:main`],
    },
    {
      name: 'Google Cloud',
      steps: `${google}${plain('europe-docker.pkg.dev/acme/images/app:main')}`,
      inputs: [
        'gcp-workload-identity-provider: projects/1/locations/global/workloadIdentityPools/github/providers/github',
        'gcp-service-account: ci@acme.iam.gserviceaccount.com',
      ],
    },
    {
      name: 'Azure',
      steps: `${azure}${plain('acme.azurecr.io/app:main')}`,
      inputs: [
        'azure-client-id: 11111111-1111-1111-1111-111111111111',
        'azure-tenant-id: 22222222-2222-2222-2222-222222222222',
      ],
    },
  ])('$name becomes inputs', async ({steps, inputs}) => {
    const conversion = await convert(steps)
    for (const input of inputs) expect(stepsOf(conversion)).toContain(`    ${input}\n`)
    expect(stepsOf(conversion).match(/^- /gm)).toHaveLength(1)
    expect(codes(conversion)).toContain('note cloud-login 6')
  })

  test.each([
    {name: 'AWS', steps: `${aws}- run: aws s3 ls\n${plain(`${host}/app:main`)}`},
    {name: 'AWS by another action', steps: `${aws}- uses: acme/deploy@v1\n${plain(`${host}/app:main`)}`},
    {name: 'Google Cloud', steps: `${google}${plain('a.pkg.dev/x/y/app:main')}- run: gcloud run deploy\n`},
    {name: 'Azure', steps: `${azure}${plain('acme.azurecr.io/app:main')}- run: az webapp restart\n`},
  ])('$name that other steps need stays', async ({steps}) => {
    const conversion = await convert(steps)
    expect(codes(conversion)).not.toContain('note cloud-login 6')
    expect(stepsOf(conversion)).toContain(steps.split('\n')[0] ?? '')
  })
})

test('tags of the matrix beside the labels of metadata are those of different images', async () => {
  const step = build.replace('${{ steps.meta.outputs.tags }}', 'acme/app:${{ matrix.arch }}')
  const {jobs} = await convertText(`on: push
jobs:
  image:
    strategy:
      matrix:
        arch: [amd64, arm64]
    steps:
${indented(meta)}${indented(step)}`)
  expect(jobs.get('image')).toBe('converted')
})
