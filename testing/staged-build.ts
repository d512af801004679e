import path from 'node:path'
import {readFile} from 'node:fs/promises'
import {buildArguments} from '../src/buildx/arguments.ts'
import {parseMetadata, type BuildMetadata} from '../src/buildx/metadata.ts'
import type {Destination} from '../src/buildx/outputs.ts'
import {Problems} from '../src/inputs/problem.ts'
import {readInputs} from '../src/inputs/read.ts'
import {parseTagRef} from '../src/oci/reference.ts'
import {docker} from './docker.ts'
import {temporaryDirectory} from './fake-io.ts'
import {sampleDirectory, sampleInputs} from './sample.ts'

export interface StagedBuild {
  readonly destination: Destination
  readonly tags?: readonly string[]
  /** Inputs that override those of the sample for two platforms. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Docker configuration of the builder. */
  readonly config?: string
}

/** Builds the sample with the arguments of a run. */
export async function buildStaged({destination, tags = [], inputs = {}, config}: StagedBuild): Promise<BuildMetadata> {
  await using home = await temporaryDirectory()
  const problems = new Problems()
  const values = {...sampleInputs(), context: sampleDirectory, ...inputs}
  const read = await readInputs(new Map(Object.entries(values)), problems)
  problems.throwIfAny()
  const metadataFile = path.join(home.path, 'metadata.json')
  const request = {
    inputs: read.build,
    builder: read.build.builder,
    tags: tags.map((text) => {
      const parsed = parseTagRef(text)
      if (!parsed.ok) throw new Error(parsed.reason)
      return parsed.value
    }),
    labels: [],
    annotations: [],
    destination,
    sourceDateEpoch: undefined,
    gitContext: 'https://github.com/octocat/Hello-World.git#main',
    gitToken: undefined,
    builderId: 'https://github.com/octocat/Hello-World/actions/runs/1',
    metadataFile,
    imageIdFile: path.join(home.path, 'image-id'),
  }
  await docker(buildArguments(request), config)
  return parseMetadata(await readFile(metadataFile, 'utf8'))
}
