import {describe, expect, test} from '@jest/globals'
import {describeFailedTest} from '../../../../src/stage/test-run/failed-command.ts'

const variables = {IMAGE: 'r.example/app@1', IMAGE_LINUX_ARM_V7: 'r.example/app@2', PLATFORM: 'linux/amd64'}
const whole = '$IMAGE is r.example/app@1 (linux/amd64)'
const failed = (line: number): string => `line ${line} of the input test failed`

describe('describeFailedTest', () => {
  test.each([
    {
      name: 'names the platform of the image that the command uses',
      script: 'true\ndocker run --rm "${IMAGE_LINUX_ARM_V7}" --version',
      printed: ['exec format error', failed(2)],
      expected: [
        'exec format error',
        'line 2 of `test` ended with code 1: docker run --rm "${IMAGE_LINUX_ARM_V7}" --version',
        '$IMAGE_LINUX_ARM_V7 is r.example/app@2 (linux/arm/v7)',
      ],
    },
    {
      name: 'joins the lines of one command',
      script: 'true\ndocker run \\\n  "$IMAGE" |\n  grep x\ntrue',
      printed: [failed(4)],
      expected: ['line 4 of `test` ended with code 1: docker run "$IMAGE" | grep x', whole],
    },
    {
      name: 'prefers the line within a subshell, and the last failure',
      script: 'one\ntwo\nthree',
      printed: [failed(1), 'between', failed(2), failed(3)],
      expected: ['between', 'line 2 of `test` ended with code 1: two', whole],
    },
    {
      name: 'shortens a long command',
      script: 'a'.repeat(400),
      printed: [],
      expected: [`line 1 of \`test\` ended with code 1: ${'a'.repeat(300)}…`, whole],
    },
    {
      name: 'has no command for a line that does not exist',
      script: 'true\ntrue',
      printed: [failed(7)],
      expected: ['the commands of `test` ended with code 1', whole],
    },
    {
      name: 'has no command for an empty script',
      script: '# nothing',
      printed: [],
      expected: ['the commands of `test` ended with code 1', whole],
    },
  ])('$name', ({script, printed, expected}) => {
    expect(describeFailedTest({script, variables, exitCode: 1, printed})).toEqual(expected)
  })

  test('leaves out an unknown platform and a variable that names no image', () => {
    const given = {script: 'run $IMAGE $IMAGES', variables: {IMAGE: 'a@1'}, exitCode: 2, printed: []}
    expect(describeFailedTest(given)).toEqual([
      'line 1 of `test` ended with code 2: run $IMAGE $IMAGES',
      '$IMAGE is a@1',
    ])
  })
})
