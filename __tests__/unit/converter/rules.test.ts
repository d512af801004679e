import {describe, expect, test} from '@jest/globals'
import {onlyInspects, readJoinScript} from '../../../src/converter/digests/join-script.ts'
import {referenceLine, tagLines} from '../../../src/converter/rules/build-tags.ts'
import {areExclusive, asksForText, isNotPullRequest} from '../../../src/converter/rules/conditions.ts'
import {onlyOutput, outputReads, renameStep} from '../../../src/converter/rules/references.ts'
import {ruleLine} from '../../../src/converter/metadata/tag-rules.ts'

describe('a condition for all but pull requests', () => {
  test.each([
    ["github.event_name != 'pull_request'", true],
    ["(github.event_name != 'pull_request')", true],
    ["!(github.event_name == 'pull_request')", true],
    ["github['event_name'] != 'pull_request'", true],
    ["github.event_name == 'push'", false],
    ["github.event.name != 'pull_request'", false],
    ["github.event_name != 'pull_request' || true", false],
  ])('%s: %s', (condition, expected) => {
    expect(isNotPullRequest(condition)).toBe(expected)
  })
})

test.each([
  ["env.NAME != ''", true],
  ['env.NAME', true],
  ["env.OTHER != ''", false],
  ["env.NAME == ''", false],
])('%s asks for the user name: %s', (condition, expected) => {
  expect(asksForText(condition, ['${{ env.NAME }}'])).toBe(expected)
})

describe('exclusive conditions', () => {
  test.each([
    ["github.event_name == 'push'", "github.event_name == 'schedule'", true],
    ["github.event_name != 'push'", "github.event_name == 'push'", true],
    ["startsWith(github.ref, 'refs/tags/')", "github.ref == 'refs/heads/main'", true],
    ["startsWith(github.ref, 'refs/tags/v')", "!startsWith(github.ref, 'refs/tags/')", true],
    ["github.ref_type == 'tag'", "github.ref_type == 'branch'", true],
    ["startsWith(github.ref, 'refs/tags/v')", "!startsWith(github.ref, 'refs/tags/v0.')", false],
    ["startsWith(github.ref, 'refs/tags/v0.')", "!startsWith(github.ref, 'refs/tags/v')", true],
    ["startsWith(github.ref, 'refs/tags/a')", "startsWith(github.ref, 'refs/tags/b')", true],
    ["startsWith(github.ref, 'refs/tags/v')", "github.ref_type != 'tag'", true],
    ["startsWith(github.ref, 'refs/heads/')", "github.ref == 'refs/heads/main'", false],
    ["github.ref == 'refs/heads/main'", "github.ref != 'refs/heads/main'", true],
    ["github.ref == 'refs/heads/main'", "github.ref != 'refs/heads/next'", false],
    ["github.ref == 'refs/tags/v1'", "github.ref_type == 'branch'", true],
    ['inputs.a', '!inputs.a', true],
    ['inputs.a || inputs.b', '!inputs.a || inputs.b', false],
    ['inputs.a || inputs.b', '!(inputs.a || inputs.b)', true],
    ["github.ref == 'refs/heads/a'", "github.ref == 'refs/heads/b'", false],
    ["github.event_name != 'push'", "github.event_name != 'schedule'", false],
    ['', '', false],
  ])('%s and %s: %s', (first, second, expected) => {
    expect(areExclusive([first], [second])).toBe(expected)
  })
})

describe('outputs of steps', () => {
  test('are found in both spellings', () => {
    expect(outputReads("${{ steps.a.outputs.b }} ${{ steps['c'].outputs['d'] }} ${{ steps.e.outcome }}")).toEqual([
      {id: 'a', output: 'b', text: 'steps.a.outputs.b'},
      {id: 'c', output: 'd', text: "steps['c'].outputs['d']"},
      {id: 'e', output: undefined, text: 'steps.e.outcome'},
    ])
  })

  test('alone are recognized', () => {
    expect(onlyOutput('${{ steps.a.outputs.b }}')).toEqual({id: 'a', output: 'b'})
    expect(onlyOutput('${{ steps.a.outputs.b || 1 }}')).toBeUndefined()
  })

  test('are renamed as whole names', () => {
    const ids = new Map([['meta', 'publish']])
    expect(renameStep("steps.meta.x steps['meta'].y steps.meta-2.z steps.metadata", ids)).toBe(
      "steps.publish.x steps['publish'].y steps.meta-2.z steps.metadata",
    )
  })
})

describe('tags of a build', () => {
  test('are separated by line breaks and commas, but not in expressions', () => {
    expect(tagLines("a:1,b:2\n\n# c\n${{ format('{0},{1}', 1, 2) }}")).toEqual([
      'a:1',
      'b:2',
      "${{ format('{0},{1}', 1, 2) }}",
    ])
  })

  test.each([
    {line: 'app', text: 'app:latest', unknown: false, exact: false},
    {line: 'acme/app', text: 'acme/app:latest', unknown: false, exact: false},
    {line: 'localhost:5000/app', text: 'localhost:5000/app:latest', unknown: false, exact: false},
    {line: 'acme/app:1.2.3', text: 'acme/app:1.2.3', unknown: false, exact: true},
    {line: 'acme/app:1.2', text: 'acme/app:1.2', unknown: false, exact: false},
    {line: 'acme/app:${{ github.sha }}', text: 'acme/app:${{ github.sha }}', unknown: false, exact: false},
    {line: 'acme/app:${{ env.TAG }}', text: 'acme/app:${{ env.TAG }}', unknown: false, exact: false},
    {line: '${{ env.KNOWN }}', text: '${{ env.KNOWN }}', unknown: false, exact: true},
    {line: '${{ inputs.tags }}', text: '${{ inputs.tags }}', unknown: true, exact: false},
    {
      line: 'ghcr.io/${{ github.repository }}',
      text: 'ghcr.io/${{ github.repository }}:latest',
      unknown: false,
      exact: false,
    },
  ])('$line becomes $text', ({line, text, unknown, exact}) => {
    expect(referenceLine(line, new Map([['KNOWN', 'acme/app:2.0.0']]))).toEqual({
      text,
      unknown,
      exact,
      mayBeExact: line.includes('env.TAG'),
    })
  })
})

describe('a rule', () => {
  test.each([
    {line: 'type=ref,event=branch', text: 'type=ref,event=branch', dropped: []},
    {line: 'type=edge,onlatest=false,branch=main', text: 'type=edge,branch=main', dropped: ['onlatest=false']},
    {line: 'type=sha,event=pr', text: 'type=sha', dropped: ['event=pr']},
    {line: 'type=raw,enabled=false,"value=a"', text: 'type=raw,"value=a"', dropped: ['enabled=false']},
    {line: 'latest', text: 'latest', dropped: []},
    {
      line: "type=raw,event=push,value=dev,enable=${{ contains('a,b', 'c') && x == 'y' }},suffix=",
      text: "type=raw,value=dev,enable=${{ contains('a,b', 'c') && x == 'y' }},suffix=",
      dropped: ['event=push'],
    },
  ])('$line becomes $text', ({line, text, dropped}) => {
    expect(ruleLine(line, new Map(), true)).toMatchObject({text, dropped})
  })

  test.each([
    ['type=raw,value=1.2.3', true, 'type=raw,value=1.2.3,mutable=true'],
    ['type=raw,value=1.2.3', false, 'type=raw,value=1.2.3'],
    ['type=raw,value=${{ env.V }}', true, 'type=raw,value=${{ env.V }},mutable=true'],
    ['type=raw,value=${{ inputs.v }}', true, 'type=raw,value=${{ inputs.v }}'],
    ['1.2.3', true, '1.2.3,mutable=true'],
    ['type=raw,value=1.2', true, 'type=raw,value=1.2'],
  ])('%s, movable %s: %s', (line, isMovable, text) => {
    expect(ruleLine(line, new Map([['V', '1.2.3']]), isMovable).text).toBe(text)
  })
})

describe('a script that joins digests', () => {
  const images = "$(printf 'acme/app@sha256:%s ' *)"
  const jq = `$(jq -cr '.tags | map("-t " + .) | join(" ")' <<< "$DOCKER_METADATA_OUTPUT_JSON")`

  test.each([
    {script: `docker buildx imagetools create ${jq} \\\n  ${images}`, tags: [], directory: undefined},
    {
      script: `cd /tmp/digests\n# comment\ndocker buildx imagetools create ${jq} ${images}`,
      tags: [],
      directory: '/tmp/digests',
    },
    {
      script: `docker buildx imagetools create -t acme/app:1 --tag acme/app:\${{ env.TAG }} ${images}`,
      tags: ['acme/app:1', 'acme/app:${{ env.TAG }}'],
      directory: undefined,
    },
    {
      script: `docker buildx imagetools create ${jq.replace('"$DOCKER_METADATA_OUTPUT_JSON"', "'${{ steps.meta.outputs.json }}'")} ${images}\ndocker buildx imagetools inspect acme/app:1`,
      tags: [],
      directory: undefined,
    },
  ])('$script', ({script, tags, directory}) => {
    expect(readJoinScript(script)).toEqual({tags, directory})
  })

  test.each([
    `docker buildx imagetools create $TAGS ${images}`,
    `docker buildx imagetools create --annotation a=b ${jq} ${images}`,
    `docker buildx imagetools create ${jq.replace('.tags |', '.tags | map(select(startswith("a"))) |')} ${images}`,
    `docker buildx imagetools create ${jq} ${images}\necho done`,
    'docker buildx imagetools inspect acme/app',
    '',
  ])('%s is not one', (script) => {
    expect(readJoinScript(script)).toBeUndefined()
  })

  test('that only shows an image is recognized', () => {
    expect(onlyInspects('docker buildx imagetools inspect acme/app:1\n')).toBe(true)
    expect(onlyInspects('docker buildx imagetools inspect acme/app:1\necho x')).toBe(false)
    expect(onlyInspects('')).toBe(false)
  })
})
