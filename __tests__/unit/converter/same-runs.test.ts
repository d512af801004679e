import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../../src/converter/conversion.ts'
import {action, build, convert, found, metadata, plain} from '../../../testing/docker-steps.ts'

describe('a push with a condition in a workflow that another one calls', () => {
  const condition = "push: ${{ github.event_name != 'pull_request' }}"
  const conditional = plain.replace('push: true', condition)

  test('stays', () => {
    expect(convert(conditional, {on: '[push, workflow_call]'}).text).toContain(condition)
    expect(convert(conditional, {on: '[push, pull_request]'}).text).not.toContain(condition)
  })

  test('stays in a composite action', () => {
    const text = `name: build\ndescription: Builds\nruns:\n  using: composite\n  steps:\n${conditional.replaceAll(/^(?=.)/gm, '    ')}`
    const {text: converted, changed} = convertWorkflow(text, {action})
    expect(changed).toBe(true)
    expect(converted).toContain(condition)
  })
})

describe('two builds with the same tag', () => {
  const twice = (first: string, second: string): Conversion =>
    convert(`${plain.replace('push: true', `push: ${first}`)}${plain.replace('push: true', `push: ${second}`)}`)

  test('of which one is pushed are converted', () => {
    const result = twice(
      "${{ github.ref == 'refs/heads/main' }}",
      "${{ github.event_name != 'pull_request' && github.ref != 'refs/heads/main' }}",
    )
    expect(found(result, 'same-tag')).toEqual([])
    expect(result.changed).toBe(true)
  })

  test('that are both pushed are refused', () => {
    expect(found(twice("${{ github.ref == 'refs/heads/main' }}", 'true'), 'same-tag')).toHaveLength(1)
  })
})

test('what is read of the metadata and has no counterpart is named at its place', () => {
  const result = convert(`${metadata()}${build()}- if: steps.meta.outcome == 'success'\n  run: echo\n`)
  expect(found(result, 'output-unknown')).toEqual([[14, '`steps.meta.outcome` has no counterpart']])
})

test('names of inputs may have any case', () => {
  const steps = `${metadata('Flavor: latest=false').replace('images', 'IMAGES')}${build('PLATFORMS: linux/arm64').replace('tags', 'TAGS').replace('push:', 'Push:')}`
  expect(convert(steps).text).toContain(`      - uses: tagboat/tagboat@v1
        with:
          images: acme/app
          tags: |
            type=schedule
            type=ref,event=branch
            type=ref,event=tag
            type=ref,event=pr
          flavor: latest=false
          context: .
          push: true
          platforms: linux/arm64
`)
})

describe('the case of a step ID', () => {
  const read = (spelling: string): Conversion => {
    const steps = `${metadata()}${build(`labels: \${{ ${spelling}.labels }}`)}`
    return convert(steps)
  }

  test.each(['STEPS.meta.outputs', 'steps.Meta.outputs', "steps['META'].outputs", 'steps.meta.Outputs'])(
    'is another one in %s, so the job is refused',
    (spelling) => {
      const result = read(spelling)
      expect(result.changed).toBe(false)
      expect(result.remarks.map(({code, place}) => [code, place.line])).toEqual([['output-unknown', 14]])
    },
  )

  test.each(['steps.meta.outputs', "steps['meta'].outputs"])('is the same in %s', (spelling) => {
    expect(read(spelling).changed).toBe(true)
  })
})
