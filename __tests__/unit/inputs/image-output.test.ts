import {describe, expect, test} from '@jest/globals'
import {noImageOutput} from '../../../src/inputs/build-inputs.ts'
import type {ImageOutput, BuildInputs} from '../../../src/inputs/inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {formatTagRef} from '../../../src/oci/reference.ts'
import {brief} from '../../../testing/problems.ts'

async function read(
  outputs: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{readonly build: BuildInputs; readonly problems: readonly string[]}> {
  const problems = new Problems()
  const {build} = await readInputs(new Map(Object.entries({outputs, ...more})), problems)
  return {build, problems: problems.all.map(brief)}
}

/** Parsed outputs without line numbers. */
function summaryOf({image, outputs}: BuildInputs): object {
  const pairs = (fields: ImageOutput['attributes']): string => fields.map(({key, value}) => `${key}=${value}`).join(',')
  return {
    kept: outputs,
    asked: image.hasImageOutput,
    shape: pairs(image.attributes),
    storage: pairs(image.storage),
    annotations: image.annotations.map(({key, value, levels}) => `${String(levels)}:${key}=${value}`),
    references: image.references.map(({reference}) => formatTagRef(reference)),
    pushing: image.pushingLines,
  }
}

const nothing = {kept: [], asked: false, shape: '', storage: '', annotations: [], references: [], pushing: []}

describe('outputs', () => {
  test.each([
    {
      name: 'files and archives are kept',
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
      name: 'an unnamed image sets attributes',
      outputs: 'type=image,compression=zstd,compression-level=9,force-compression=true,oci-mediatypes=true',
      expected: {
        asked: true,
        shape: 'compression=zstd,compression-level=9,force-compression=true,oci-mediatypes=true',
      },
    },
    {
      name: 'an unnamed, pushed image, too',
      outputs: 'type=image,push=false,rewrite-timestamp=true',
      expected: {asked: true, shape: 'rewrite-timestamp=true'},
    },
    {
      name: 'attributes of the image store',
      outputs: 'type=image,unpack=false,store=true,name-canonical=true',
      expected: {asked: true, storage: 'unpack=false,store=true,name-canonical=true'},
    },
    {
      name: 'by digest, without a push',
      outputs: 'type=image,push-by-digest=true,compression=zstd',
      expected: {asked: true, shape: 'compression=zstd'},
    },
    {
      name: 'annotations of each level, and of one platform',
      outputs:
        'type=image,annotation.a=1,annotation-index.b.C="2",annotation-manifest-descriptor.d=3,annotation-manifest[linux/arm64].e=4',
      expected: {
        asked: true,
        annotations: ['manifest:a=1', 'index:b.C="2"', 'manifest-descriptor:d=3', 'manifest[linux/arm64]:e=4'],
      },
    },
    {name: 'a push', outputs: 'type=image,push=true', expected: {asked: true, pushing: [1]}},
    {
      name: 'a push in another notation of BuildKit',
      outputs: 'type=image, Push = T',
      expected: {asked: true, pushing: [1]},
    },
    {name: 'a push without a value', outputs: 'type=image,push=', expected: {asked: true, pushing: [1]}},
    {
      name: 'a duplicate push: the last one applies',
      outputs: 'type=image,push=false,push=1',
      expected: {asked: true, pushing: [1]},
    },
    {name: 'a registry', outputs: 'type=registry,push=false', expected: {asked: true, pushing: [1]}},
    {
      name: 'a registry, as the last attribute',
      outputs: 'type=image,"type=registry"',
      expected: {asked: true, pushing: [1]},
    },
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
      name: 'a name without a push is kept, and sets attributes',
      outputs: 'type=image,name=target,push=false,push-by-digest=true,"annotation-index.a=b, c"',
      expected: {
        kept: ['type=image,name=target,"annotation-index.a=b, c"'],
        annotations: ['index:a=b, c'],
      },
    },
    {
      name: 'a name without a push, with another image output, is kept only',
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
    expect(summaryOf(build)).toEqual({...nothing, ...expected})
  })

  test('are ignored for a call that does not build', async () => {
    const {build, problems} = await read('type=image,push=true,name=a/b', {call: 'check', push: 'false'})
    expect({problems, image: build.image}).toEqual({problems: [], image: noImageOutput})
  })
})

describe('contradictory outputs', () => {
  test.each([
    {
      name: "Docker's recipe for a push by digest",
      outputs: 'type=image,name=a/b,push-by-digest=true,name-canonical=true,push=true',
      problem: 'outputs 1:1',
    },
    {name: 'type=registry by digest', outputs: 'type=registry,push-by-digest=true', problem: 'outputs 1:1'},
    {
      name: 'a push, but push is false',
      outputs: 'type=oci,dest=x\n  type=registry',
      more: {push: 'False'},
      problem: 'outputs 2:3',
    },
    {
      name: 'a push of a name, but push is false',
      outputs: 'type=image,name=a/b:c,push=true',
      more: {push: 'false'},
      problem: 'outputs 1:1',
    },
    {
      name: 'a push of type=docker, which Buildx allows in some builders',
      outputs: 'type=docker,name=a/b:c,push=true',
      problem: 'outputs 1:1',
    },
    {name: 'an invalid boolean', outputs: 'type=image,push=yes', problem: 'outputs 1:1'},
    {name: 'an invalid name', outputs: 'type=image,name=a/b@c,push=true', problem: 'outputs 1:1 "a/b@c"'},
    {
      name: 'two images',
      outputs: 'type=image,compression=zstd\ntype=registry,compression=gzip',
      problem: 'outputs 2:1 "gzip" "zstd"',
    },
    {name: 'an unknown level', outputs: 'type=image,annotation-indx.a=b', problem: 'outputs 1 "indx" "index"'},
    {name: 'a bare word', outputs: 'type=image,push', problem: 'outputs 1:12 "push"'},
    {name: 'a missing closing quote', outputs: 'type=image,"name=a', problem: 'outputs 1:12'},
  ])('$name', async ({outputs, more = {}, problem}) => {
    expect((await read(outputs, more)).problems).toEqual([problem])
  })
})
