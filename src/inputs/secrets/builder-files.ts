import type {BuilderInputs} from '../inputs.ts'
import type {Problems} from '../problem.ts'
import type {LookAt} from './look-at.ts'

/** Driver options of the driver remote that name files. */
const certificates = /^(?:cacert|cert|key)=(.+)$/

/** Checks that the files for a new builder exist. They are read only after the login. */
export async function checkBuilderFiles(
  {driver, driverOpts, buildkitdConfig, nodes}: BuilderInputs,
  lookAt: LookAt,
  problems: Problems,
): Promise<void> {
  if (buildkitdConfig !== undefined && !(await isFile(buildkitdConfig, lookAt))) {
    const message = `the file ${buildkitdConfig} does not exist`
    problems.add({input: 'buildkitd-config', message, remedy})
  }
  if (driver !== 'remote') return
  const named = [
    ...driverOpts.map((option) => ({input: 'driver-opts', option})),
    ...nodes.flatMap((node) => node.driverOpts.map((option) => ({input: 'append', option}))),
  ]
  for (const {input, option} of named) {
    const [, file] = certificates.exec(option) ?? []
    if (file === undefined || (await isFile(file, lookAt))) continue
    problems.add({input, message: `the file ${file} does not exist`, remedy})
  }
}

const remedy = 'Correct the path, or write the file in an earlier step.'

async function isFile(file: string, lookAt: LookAt): Promise<boolean> {
  const kind = await lookAt(file)
  return kind !== undefined && kind !== 'directory'
}
