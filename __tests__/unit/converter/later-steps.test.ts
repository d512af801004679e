import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../../src/converter/conversion.ts'

const login = `      - uses: docker/login-action@v3
        with: {username: octocat, password: "\${{ secrets.TOKEN }}"}
`
const build = `      - uses: docker/build-push-action@v6
        with: {context: ., push: true, tags: 'octocat/app:main'}
`

function convert(steps: string): Conversion {
  return convertWorkflow(`on: push\njobs:\n  image:\n    runs-on: ubuntu-24.04\n    steps:\n${steps}`, {
    action: 'tagboat/tagboat@v1',
  })
}

function loginCodes({remarks}: Conversion): readonly string[] {
  return remarks.map(({code, place}) => `${code} ${place.line}`).filter((text) => text.includes('login'))
}

describe('a removed login', () => {
  test.each([
    'run: make push',
    'run: ./deploy.sh',
    'run: echo "$(make push)"',
    'run: npm test && npm run publish',
    'uses: ./.github/actions/deploy',
    'uses: octocat/deploy-action@v1',
  ])('may be missed afterwards: %s', (step) => {
    const conversion = convert(`${login}${build}      - ${step}\n`)
    expect(loginCodes(conversion)).toEqual(['login-gone 10'])
    expect(conversion.text).not.toContain('export-login')
  })

  test.each([
    'run: docker buildx imagetools inspect octocat/app:main',
    'run: ko build ./cmd/app',
    'run: docker stack deploy -c stack.yml app',
    'uses: goreleaser/goreleaser-action@v6',
  ])('is exported for a later step: %s', (step) => {
    const conversion = convert(`${login}${build}      - ${step}\n      - run: make\n`)
    expect(loginCodes(conversion)).toEqual(['export-login 10'])
    expect(conversion.text).toContain('export-login: true')
  })

  test.each([
    'run: echo "digest=$(git rev-parse HEAD)" >> "$GITHUB_OUTPUT"',
    "run: if [ -n \"${{ github.sha || 'x' }}\" ]; then echo 'make; docker'; fi",
    'run: curl --fail https://example.com | jq .name',
    'uses: actions/upload-artifact@v4',
    'uses: softprops/action-gh-release@v2',
  ])('has no use for %s', (step) => {
    expect(loginCodes(convert(`${login}${build}      - ${step}\n`))).toEqual([])
  })

  test('may be missed by a step before the build', () => {
    const [remark] = convert(`${login}      - run: make\n${build}`).remarks
    expect(remark).toMatchObject({code: 'login-gone', place: {line: 8}})
    expect(remark?.remedy).toContain('keep docker/login-action')
  })

  test('is not missed without one', () => {
    expect(loginCodes(convert(`${build}      - run: make push\n`))).toEqual([])
  })

  test.each(['${{ env.TEST_TAG }}', '$TEST_TAG'])('has no use for a loaded image: %s', (image) => {
    const loaded = build.replace('push: true', 'load: true').replace("'octocat/app:main'", '"${{ env.TEST_TAG }}"')
    const test = `      - run: docker run --rm ${image}\n        env: {A: b}\n`
    const {text, remarks} = convertWorkflow(
      `on: push\nenv: {TEST_TAG: "octocat/app:test"}\njobs:\n  image:\n    steps:\n${login}${loaded}${test}${build}`,
      {action: 'tagboat/tagboat@v1'},
    )
    expect(text).not.toContain('export-login')
    expect(remarks.map(({code}) => code)).not.toContain('login-gone')
  })
})

describe('the condition of a login that is exported', () => {
  const main = "github.ref == 'refs/heads/main'"
  const token = 'registry: ghcr.io, username: "${{ github.actor }}", password: "${{ secrets.GITHUB_TOKEN }}"'
  const withCondition = (inputs: string): string => `      - uses: docker/login-action@v3
        if: ${main}
        with: {${inputs}}
`
  const own = withCondition('username: octocat, password: "${{ secrets.TOKEN }}"')
  const pushing = build.replace('push: true', `push: "\${{ ${main} }}"`)
  const user = (condition: string): string => `      - if: ${condition}\n        run: docker pull octocat/app:main\n`
  const notes = ({remarks}: Conversion): readonly string[] =>
    remarks.flatMap(({code, message}) => (code === 'condition-dropped' ? [message] : []))

  test('stays if a later step runs without it', () => {
    const conversion = convert(`${own}${pushing}${user("github.event_name == 'pull_request'")}`)
    expect(conversion.text).toContain(`            enable: \${{ ${main} }}\n`)
    expect(conversion.text).toContain('export-login: true')
    expect(notes(conversion)).toEqual([])
  })

  test('stays if a step of unknown commands runs without it', () => {
    const conversion = convert(`${own}${pushing}${user(main)}      - run: make test\n`)
    expect(conversion.text).toContain(`enable: \${{ ${main} }}`)
  })

  test('goes if all users have it too', () => {
    const conversion = convert(`${own}${pushing}${user(`${main} && github.actor != 'a'`)}`)
    expect(conversion.text).not.toContain('enable:')
    expect(notes(conversion)).toEqual([expect.stringContaining('is not needed')])
  })

  test('goes for the job token, with its effect', () => {
    const conversion = convert(`${withCondition(token)}${pushing.replace('octocat/', 'ghcr.io/a/')}${user('always()')}`)
    expect(notes(conversion)).toEqual([expect.stringContaining('the job token')])
  })
})
