import {describe, expect, test} from '@jest/globals'
import {baseImages, contextImages, repositoryOfImage} from '../../../src/buildx/base-images.ts'

interface Row {
  readonly name: string
  readonly lines: readonly string[]
  readonly buildArgs?: Readonly<Record<string, string | undefined>>
  readonly contexts?: Readonly<Record<string, string>>
  readonly expected: readonly string[]
}

const rows: readonly Row[] = [
  {name: 'FROM, in any case', lines: ['from alpine:3', 'RUN true'], expected: ['alpine:3']},
  {name: 'nothing of scratch', lines: ['FROM scratch', 'COPY . .'], expected: []},
  {
    name: 'a platform and a stage name',
    lines: ['FROM --platform=$BUILDPLATFORM golang:1.26 AS build', 'FROM build', 'COPY --from=Build /a /b'],
    expected: ['golang:1.26'],
  },
  {
    name: 'COPY --from an image, a stage and a number',
    lines: [
      'FROM a/b@sha256:00 AS one',
      'FROM scratch',
      'COPY --from=one /a /',
      'COPY --from=0 /a /',
      'COPY --chown=1 --from=localhost:5000/tools:1 /t /',
    ],
    expected: ['a/b@sha256:00', 'localhost:5000/tools:1'],
  },
  {
    name: 'RUN --mount',
    lines: ['FROM scratch', 'RUN --mount=type=bind,from=acme/tools:2,target=/t /t/run --from=this'],
    expected: ['acme/tools:2', 'this'],
  },
  {
    name: 'a default of an argument',
    lines: ['ARG BASE=acme/base TAG="ci"', 'FROM ${BASE}:$TAG', 'ARG BASE=other', 'FROM ${VARIANT:-acme/default}'],
    expected: ['acme/base:ci', 'acme/default'],
  },
  {
    name: 'a build argument instead of the default',
    lines: ['ARG BASE=acme/base', 'ARG TAG', 'FROM $BASE:${TAG:-none}'],
    buildArgs: {BASE: 'localhost:5000/base', TAG: 'ci'},
    expected: ['localhost:5000/base:ci'],
  },
  {name: 'an argument alone', lines: ['ARG BASE', 'FROM $BASE'], buildArgs: {BASE: undefined}, expected: []},
  {name: 'an argument of BuildKit', lines: ['FROM base-${TARGETARCH}'], expected: []},
  {
    name: 'a name that a build context replaces',
    lines: ['FROM base', 'COPY --from=tools /a /'],
    contexts: {base: 'docker-image://acme/base:ci', tools: './tools'},
    expected: [],
  },
  {
    name: 'continued lines, comments and here-documents',
    lines: [
      '# FROM no',
      'FROM \\',
      '  # a comment',
      '  alpine \\',
      '  AS x',
      'RUN <<EOF',
      'FROM inside',
      'EOF',
      'FROM debian',
    ],
    expected: ['alpine', 'debian'],
  },
  {
    name: 'a frontend',
    lines: ['# syntax=localhost:5000/dockerfile:1', 'FROM scratch'],
    expected: ['localhost:5000/dockerfile:1'],
  },
]

describe('images of a Dockerfile', () => {
  test.each(rows)('$name', ({lines, buildArgs = {}, contexts = {}, expected}) => {
    const inputs = {
      buildArgs: Object.entries(buildArgs).map(([key, value]) => ({key, value})),
      buildContexts: Object.entries(contexts).map(([key, value]) => ({key, value, line: 1})),
    }
    expect(baseImages(lines.join('\n'), inputs)).toEqual(expected)
    expect(baseImages(`\uFEFF${lines.join('\r\n')}\r\n`, inputs)).toEqual(expected)
  })
})

test('images of build contexts', () => {
  const buildContexts = ['docker-image://acme/base:ci', './folder', 'oci-layout://x', 'https://a.example/b.git']
  const inputs = {buildContexts: buildContexts.map((value, line) => ({key: `c${line}`, value, line}))}
  expect(contextImages(inputs)).toEqual(['acme/base:ci'])
})

test.each([
  ['alpine', 'docker.io/library/alpine'],
  ['acme/app:1@sha256:00', 'docker.io/acme/app'],
  ['localhost:5000/app', 'localhost:5000/app'],
  ['[::1]:5000/app:2', '[::1]:5000/app'],
])('repository of %s', (image, expected) => {
  const {host = '', path = ''} = repositoryOfImage(image) ?? {}
  expect(`${host}/${path}`).toBe(expected)
})
