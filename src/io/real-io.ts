import {randomUUID} from 'node:crypto'
import {boundedRegex} from './bounded-regex.ts'
import {environment, rawInputs} from './environment.ts'
import {files} from './files.ts'
import {gitHub} from './github.ts'
import {httpClient} from './http.ts'
import type {Io} from './io.ts'
import {runLasting} from './child-processes/lasting-process.ts'
import {phases} from './phases.ts'
import {processes, withBuildx} from './process.ts'
import {orStandalone, withoutDockerCli} from './command.ts'
import {every, timer} from './timer.ts'
import {workflow} from './workflow.ts'

/** Creates the side effects of a real run. */
export function realIo(signal: AbortSignal): Io {
  return {
    workflow,
    environment,
    inputs: rawInputs(environment),
    files,
    processes: withBuildx(processes(signal)),
    lasting: async (command) => orStandalone(command, runLasting),
    connect: async (command, address) => {
      const {connectServer} = await import('./connections/server-connection.ts')
      return connectServer(await withoutDockerCli(command), address, signal)
    },
    dial: async (address) => {
      const {connectSocket} = await import('./connections/socket-connection.ts')
      return connectSocket(address, signal)
    },
    relay: async (address, path) => {
      const {startUpgradeRelay} = await import('./connections/upgrade-relay.ts')
      return startUpgradeRelay(address, path)
    },
    serve: async (respond) => {
      const {serveLoopback} = await import('./connections/loopback-server.ts')
      return serveLoopback(respond)
    },
    marker: randomUUID(),
    unique: randomUUID,
    now: () => new Date(),
    every,
    phases: phases(() => performance.now()),
    signal,
    http: (until) => httpClient(until, environment),
    timer,
    regex: boundedRegex(),
    gitHub,
  }
}
