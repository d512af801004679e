import {expect, test} from '@jest/globals'
import {writtenHosts} from '../../../src/plan/written-hosts.ts'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'

type Given = Readonly<Record<string, string>>

const caches = (to: string): Given => ({images: 'ghcr.io/acme/app', tags: 'a', push: 'false', 'cache-to': to})

test.each<{name: string; given: Given; expected: readonly string[]}>([
  {
    name: 'the registries of the tags, each once',
    given: {images: 'acme/app\nquay.io/acme/app\nacme/other', tags: 'a\nb'},
    expected: ['docker.io', 'quay.io'],
  },
  {
    name: 'not that of an image that is switched off',
    given: {images: 'ghcr.io/acme/app\nname=acme/app,enable=false', tags: 'a'},
    expected: ['ghcr.io'],
  },
  {name: 'that of a whole reference', given: {tags: 'quay.io/acme/app:a'}, expected: ['quay.io']},
  {
    name: 'that of an output that pushes',
    given: {images: 'acme/app', tags: 'a', outputs: 'type=image,name=quay.io/acme/app:b,push=true'},
    expected: ['docker.io', 'quay.io'],
  },
  {name: 'none without a push', given: {images: 'acme/app', tags: 'a', push: 'false'}, expected: []},
  {name: 'that of a cache', given: caches('type=registry,ref=quay.io/acme/app:cache,mode=max'), expected: ['quay.io']},
  {name: 'that of a cache without a type', given: caches('localhost:5000/acme/app'), expected: ['localhost:5000']},
  {name: 'that of a cache at Docker Hub', given: caches('acme/app:cache@sha256:00'), expected: ['docker.io']},
  {
    name: 'no optional cache',
    given: caches('type=registry,ref=quay.io/a/b,ignore-error=true'),
    expected: [],
  },
  {name: 'not that of another cache', given: caches('type=gha,mode=max'), expected: []},
  {
    name: 'no cache to read',
    given: {...caches(''), 'cache-from': 'type=registry,ref=quay.io/acme/app:cache'},
    expected: [],
  },
  {name: 'no cache of a call', given: {...caches('quay.io/acme/app'), call: 'check'}, expected: []},
])('$name', async ({given, expected}) => {
  const {plan, inputs} = await planOf(pushOf('refs/heads/main'), given)
  expect(writtenHosts(plan, inputs.build)).toEqual(expected)
})
