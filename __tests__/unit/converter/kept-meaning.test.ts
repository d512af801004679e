import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../../src/converter/conversion.ts'
import {matrixValues} from '../../../src/converter/digests/find-joins.ts'

function convert(text: string): Conversion {
  return convertWorkflow(text, {action: 'tagboat/tagboat@v1'})
}

function job(steps: string, on = 'push'): string {
  return `on: ${on}\njobs:\n  image:\n    steps:\n${steps.replaceAll(/^(?=.)/gm, '      ')}`
}

function build(...inputs: readonly string[]): string {
  const lines = ['context: .', 'tags: acme/app:main', ...inputs].map((line) => `    ${line}\n`)
  return `- uses: docker/build-push-action@v6\n  with:\n${lines.join('')}`
}

describe('a push on a condition stays', () => {
  const condition = "push: ${{ github.event_name != 'pull_request' }}"

  test.each(['workflow_run', 'issue_comment', 'pull_request_target'])('for %s', (event) => {
    expect(convert(job(build(condition), `[push, ${event}]`)).text).toContain(condition)
  })

  test('if it reads another field', () => {
    const other = "push: ${{ github.event.name != 'pull_request' }}"
    expect(convert(job(build(other))).text).toContain(other)
  })
})

test('an item of registry-auth keeps the characters of its values', () => {
  const login = (inputs: string): string => `- uses: docker/login-action@v3\n  with: {${inputs}}\n`
  const first = login('registry: "${{ vars.HOST }}", username: "@acme", password: "${{ vars.PASSWORD }}"')
  const second = login('registry: quay.io, username: "a: b", password: "12", ecr: false')
  expect(convert(job(`${first}${second}${build('push: true')}`)).text).toContain(`          registry-auth: |
            - registry: \${{ toJSON(vars.HOST) }}
              username: '@acme'
              password: \${{ toJSON(vars.PASSWORD) }}
            - registry: quay.io
              username: 'a: b'
              password: '12'
`)
})

describe('metadata that a step reads', () => {
  const meta = '- uses: docker/metadata-action@v5\n  id: meta\n  with: {images: acme/app}\n'
  const publish = build('push: true').replace('acme/app:main', '${{ steps.meta.outputs.tags }}')
  const reader = (condition: string): string => `- if: ${condition}\n  run: echo "\${{ steps.meta.outputs.version }}"\n`

  test.each(['failure()', 'always()', "${{ !success() && github.ref_name == 'main' }}"])(
    'if %s stays as a dry run',
    (condition) => {
      const {text} = convert(job(`${meta}${publish}${reader(condition)}`))
      expect(text).toContain('dry-run: true')
      expect(text).toContain('steps.meta.outputs.version')
    },
  )

  test('only after a success goes', () => {
    expect(convert(job(`${meta}${publish}${reader('success()')}`)).text).not.toContain('dry-run')
  })
})

describe('a login to AWS stays for a build', () => {
  const login = `- uses: aws-actions/configure-aws-credentials@v6
  with:
    role-to-assume: arn:aws:iam::123456789012:role/ci
    aws-region: eu-west-1
- uses: aws-actions/amazon-ecr-login@v2
`
  const image = (...inputs: readonly string[]): string =>
    build('push: true', ...inputs).replace('acme/', '123456789012.dkr.ecr.eu-west-1.amazonaws.com/')

  test.each([
    'cache-to: type=s3,region=eu-west-1,bucket=cache',
    'cache-from: type=azblob,name=cache',
    'secret-envs: key=AWS_SECRET_ACCESS_KEY',
    'secrets: key=${{ env.AWS_SECRET_ACCESS_KEY }}',
  ])('with %s', (input) => {
    expect(convert(job(`${login}${image(input)}`)).text).toContain('configure-aws-credentials')
  })

  test('only if it needs it', () => {
    const {text} = convert(job(`${login}${image('cache-to: type=gha', 'secrets: key=${{ secrets.KEY }}')}`))
    expect(text).not.toContain('configure-aws-credentials')
  })
})

describe('values of a matrix', () => {
  const platform = ['a', 'b']

  test('are those of the runs that exclude leaves', () => {
    expect(matrixValues({platform, exclude: [{platform: 'b'}]}, ['platform'])).toEqual(['a'])
    expect(matrixValues({platform, os: ['x'], exclude: [{platform: 'a', os: 'x'}]}, ['platform'])).toEqual(['b'])
  })

  test('are not known if an expression decides what exclude leaves', () => {
    expect(matrixValues({platform, exclude: '${{ fromJSON(vars.X) }}'}, ['platform'])).toBeUndefined()
    expect(matrixValues({platform, os: '${{ fromJSON(vars.X) }}', exclude: [{os: 'x'}]}, ['platform'])).toBeUndefined()
  })

  test('may be numbers, or have several lines', () => {
    expect(matrixValues({version: [22, 'a\nb', true]}, ['version'])).toEqual(['22', 'a\nb', 'true'])
  })

  test('are those of include too', () => {
    const include = [{platform: 'c'}, {platform: 'a', runner: {name: 'x'}}]
    expect(matrixValues({platform, include}, ['platform'])).toEqual(['a', 'b', 'c'])
    expect(matrixValues({platform, include}, ['runner', 'name'])).toEqual(['x', '', ''])
  })
})

describe('contents: read', () => {
  const permissions = 'permissions:\n  # For the image.\n  packages: write\n  id-token: write # For the signature.\n'
  const text = job(build('push: true'))

  test('comes behind the other permissions of the workflow, for all jobs', () => {
    const conversion = convert(`${permissions}${text}`)
    expect(conversion.text).toContain(`${permissions}  contents: read\non: push`)
    expect(conversion.remarks.find(({code}) => code === 'contents-read')?.message).toContain('all jobs of the workflow')
  })

  test('comes behind the other permissions of a job', () => {
    const own = permissions.replaceAll(/^(?=.)/gm, '    ')
    const conversion = convert(text.replace('    steps:', `${own}    steps:`))
    expect(conversion.text).toContain(`${own}      contents: read\n    steps:`)
    expect(conversion.remarks.find(({code}) => code === 'contents-read')?.message).toContain('the job gets')
  })

  test('comes at the end of a file without a last line break', () => {
    expect(convert(`${text}permissions:\n  packages: write`).text).toMatch(
      /\npermissions:\n {2}packages: write\n {2}contents: read$/,
    )
  })
})
