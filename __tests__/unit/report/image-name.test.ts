import {describe, expect, test} from '@jest/globals'
import {headingName, logName} from '../../../src/report/image-name.ts'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'

interface Row {
  readonly name: string
  readonly images: readonly string[]
  readonly tags?: string
  readonly heading: string
  readonly log: string
}

const long = `r.example/${'a/'.repeat(120)}a`

describe('the name of an image', () => {
  test.each<Row>([
    {name: 'in one registry', images: ['ghcr.io/o/app'], heading: 'ghcr.io/o/app:1.2.3', log: 'ghcr.io/o/app:1.2.3'},
    {
      name: 'with the same path in two registries',
      images: ['docker.io/o/app', 'ghcr.io/o/app'],
      heading: 'o/app:1.2.3',
      log: 'o/app:1.2.3, ghcr.io/o/app:1.2.3',
    },
    {
      name: 'of an official image',
      images: ['alpine', 'ghcr.io/library/alpine'],
      heading: 'alpine:1.2.3',
      log: 'alpine:1.2.3, ghcr.io/library/alpine:1.2.3',
    },
    {
      name: 'with two paths',
      images: ['ghcr.io/o/app', 'quay.io/p/app'],
      heading: 'ghcr.io/o/app:1.2.3',
      log: 'ghcr.io/o/app:1.2.3, quay.io/p/app:1.2.3',
    },
    {name: 'that is very long', images: [long], heading: `${long}:1.2.3`, log: `${long}:1.2.3`},
  ])('$name', async ({images, tags = 'type=semver,pattern={{version}}', heading, log}) => {
    const {plan} = await planOf(pushOf('refs/tags/v1.2.3'), {images: images.join('\n'), tags})
    expect(headingName(plan)).toBe(heading)
    expect(logName(plan)).toBe(log)
  })

  test('without a version', async () => {
    const {plan} = await planOf(pushOf('refs/tags/v1.2.3'), {images: 'ghcr.io/o/app'})
    expect(headingName({...plan, version: undefined})).toBe('ghcr.io/o/app')
    expect(logName({...plan, version: undefined})).toBe('ghcr.io/o/app')
  })

  test('without tags', async () => {
    const {plan} = await planOf('push-branch-deleted')
    expect(headingName({...plan, version: undefined})).toBe('')
    expect(logName({...plan, version: undefined})).toBe('the image')
  })
})
