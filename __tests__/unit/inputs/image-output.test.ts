import {describe, expect, test} from '@jest/globals'
import {noImageOutput} from '../../../src/inputs/image-output.ts'
import type {ImageOutput, BuildInputs} from '../../../src/inputs/inputs.ts'
import {formatProblem, Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {formatTagRef} from '../../../src/oci/reference.ts'

async function read(
  outputs: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{readonly build: BuildInputs; readonly problems: readonly string[]}> {
  const problems = new Problems()
  const {build} = await readInputs(new Map(Object.entries({outputs, ...more})), problems)
  return {build, problems: problems.all.map(formatProblem)}
}

/** What a row of the tables says, without lines. */
function told({image, outputs}: BuildInputs): object {
  const pairs = (fields: ImageOutput['attributes']): string => fields.map(({key, value}) => `${key}=${value}`).join(',')
  return {
    kept: outputs,
    asked: image.isAsked,
    shape: pairs(image.attributes),
    storage: pairs(image.storage),
    annotations: image.annotations.map(({key, value, levels}) => `${String(levels)}:${key}=${value}`),
    references: image.references.map(({reference}) => formatTagRef(reference)),
    pushing: image.pushingLines,
  }
}

const nothing = {kept: [], asked: false, shape: '', storage: '', annotations: [], references: [], pushing: []}

describe('what outputs say of the image of a run', () => {
  test.each([
    {
      name: 'files and archives: nothing',
      outputs:
        'type=local,dest=out\nout\n-\ntype=tar,dest=a.tar\ntype=oci,dest=b.tar,compression=zstd\ntype=docker,name=a:b',
      expected: {
        kept: [
          'type=local,dest=out',
          'out',
          '-',
          'type=tar,dest=a.tar',
          'type=oci,dest=b.tar,compression=zstd',
          'type=docker,name=a:b',
        ],
      },
    },
    {
      name: 'no name: its attributes',
      outputs: 'type=image,compression=zstd,compression-level=9,force-compression=true,oci-mediatypes=true',
      expected: {
        asked: true,
        shape: 'compression=zstd,compression-level=9,force-compression=true,oci-mediatypes=true',
      },
    },
    {
      name: 'no name, and no push: the same',
      outputs: 'type=image,push=false,rewrite-timestamp=true',
      expected: {asked: true, shape: 'rewrite-timestamp=true'},
    },
    {
      name: 'what is of the store of the builder',
      outputs: 'type=image,unpack=false,store=true,name-canonical=true',
      expected: {asked: true, storage: 'unpack=false,store=true,name-canonical=true'},
    },
    {
      name: 'by digest, without a push',
      outputs: 'type=image,push-by-digest=true,compression=zstd',
      expected: {asked: true, shape: 'compression=zstd'},
    },
    {
      name: 'annotations of each level; those of one platform are of BuildKit',
      outputs:
        'type=image,annotation.a=1,annotation-index.b.C="2",annotation-manifest-descriptor.d=3,annotation-manifest[linux/arm64].e=4',
      expected: {
        asked: true,
        shape: 'annotation-manifest[linux/arm64].e=4',
        annotations: ['manifest:a=1', 'index:b.C="2"', 'manifest-descriptor:d=3'],
      },
    },
    {name: 'a push', outputs: 'type=image,push=true', expected: {asked: true, pushing: [1]}},
    {name: 'a push, as BuildKit reads it', outputs: 'type=image, Push = T', expected: {asked: true, pushing: [1]}},
    {name: 'a push without a value', outputs: 'type=image,push=', expected: {asked: true, pushing: [1]}},
    {name: 'a push, the last word', outputs: 'type=image,push=false,push=1', expected: {asked: true, pushing: [1]}},
    {name: 'a registry', outputs: 'type=registry,push=false', expected: {asked: true, pushing: [1]}},
    {name: 'a registry, at the end', outputs: 'type=image,"type=registry"', expected: {asked: true, pushing: [1]}},
    {
      name: 'a push to a name',
      outputs: '\ntype=image,"name=user/app:1.0,localhost:5000/x",push=true,compression=zstd',
      expected: {
        asked: true,
        shape: 'compression=zstd',
        references: ['user/app:1.0', 'localhost:5000/x:latest'],
        pushing: [2],
      },
    },
    {
      name: 'a name without a push: kept, and its attributes',
      outputs: 'type=image,name=target,push=false,push-by-digest=true,"annotation-index.a=b, c"',
      expected: {
        kept: ['type=image,name=target,"annotation-index.a=b, c"'],
        annotations: ['index:a=b, c'],
      },
    },
    {
      name: 'a name without a push beside the image itself: kept, and no more',
      outputs: 'type=image,name=app:gzip,compression=gzip\ntype=image,compression=zstd',
      expected: {kept: ['type=image,name=app:gzip,compression=gzip'], asked: true, shape: 'compression=zstd'},
    },
    {
      name: 'two lines that agree',
      outputs: 'type=registry,compression=zstd\ntype=image,compression=zstd,oci-mediatypes=true',
      expected: {asked: true, shape: 'compression=zstd,oci-mediatypes=true', pushing: [1]},
    },
  ])('$name', async ({outputs, expected}) => {
    const {build, problems} = await read(outputs)
    expect(problems).toEqual([])
    expect(told(build)).toEqual({...nothing, ...expected})
  })

  test('is nothing where a call makes no image', async () => {
    const {build, problems} = await read('type=image,push=true,name=a/b', {call: 'check', push: 'false'})
    expect({problems, image: build.image}).toEqual({problems: [], image: noImageOutput})
  })
})

describe('outputs that cannot be what they say', () => {
  const digest = /^outputs, line 1, column 1: Tagboat itself pushes by digest .*tagboat\/stage/
  test.each([
    {
      name: "Docker's recipe",
      outputs: 'type=image,name=a/b,push-by-digest=true,name-canonical=true,push=true',
      says: digest,
    },
    {name: 'a registry by digest', outputs: 'type=registry,push-by-digest=true', says: digest},
    {
      name: 'a push, and push is false',
      outputs: 'type=oci,dest=x\n  type=registry',
      more: {push: 'False'},
      says: /^outputs, line 2, column 3: this output pushes, and push is false\. Remove/,
    },
    {
      name: 'a push of a name, and push is false',
      outputs: 'type=image,name=a/b:c,push=true',
      more: {push: 'false'},
      says: /^outputs, line 1, column 1: this output pushes, and push is false/,
    },
    {
      name: "a push of an image of the engine, which Buildx obeys with the engine's own builder",
      outputs: 'type=docker,name=a/b:c,push=true',
      says: /^outputs, line 1, column 1: type=docker cannot push\. Remove push=true/,
    },
    {
      name: 'another word',
      outputs: 'type=image,push=yes',
      says: /^outputs, line 1, column 1: push=yes is neither true nor false\. Write true or false\.$/,
    },
    {
      name: 'a name that no registry takes',
      outputs: 'type=image,name=a/b@c,push=true',
      says: /^outputs, line 1, column 1: "a\/b@c" cannot be pushed: .* Write name:tag/,
    },
    {
      name: 'two images',
      outputs: 'type=image,compression=zstd\ntype=registry,compression=gzip',
      says: /^outputs, line 2, column 1: compression is "gzip" here and "zstd" in line 1, and one build publishes one image/,
    },
    {
      name: 'a level that is none',
      outputs: 'type=image,annotation-indx.a=b',
      says: /^outputs, line 1: unknown level "indx" of an annotation\. Write annotation, or annotation- with/,
    },
    {name: 'a word alone', outputs: 'type=image,push', says: /^outputs, line 1, column 12: "push" has no =\. Write/},
    {
      name: 'an open quote',
      outputs: 'type=image,"name=a',
      says: /^outputs, line 1, column 12: this quote is never closed/,
    },
  ])('$name', async ({outputs, more = {}, says}) => {
    const {problems} = await read(outputs, more)
    expect(problems).toEqual([expect.stringMatching(says)])
  })
})
