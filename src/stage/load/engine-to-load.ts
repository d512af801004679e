import {callBuilds} from '../../inputs/call.ts'
import type {BuildSession} from '../build-session.ts'
import type {Engine} from './engine.ts'

/** Queries the engine that the image is loaded into; undefined without `load`. */
export async function engineToLoad({prepared, dockerConfig, io}: BuildSession): Promise<Engine | undefined> {
  const {load, call} = prepared.inputs.build
  if (!load || !callBuilds(call)) return undefined
  const {inspectEngine} = await import('./engine.ts')
  return inspectEngine(dockerConfig.env, io.processes)
}
