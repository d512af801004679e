import {execFile} from 'node:child_process'
import {mkdir, readdir, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import {expect, test} from '@jest/globals'
import {engineAddress, pluginDirectory} from '../../testing/docker.ts'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {projectRoot} from '../../testing/runner.ts'

const run = promisify(execFile)

test('the demo and the tests use the Buildx and the context in the home directory of the user', async () => {
  await using home = await temporaryDirectory()
  const docker = path.join(home.path, '.docker')
  await mkdir(path.join(docker, 'cli-plugins'), {recursive: true})
  await symlink(path.join(await pluginDirectory(), 'docker-buildx'), path.join(docker, 'cli-plugins', 'docker-buildx'))
  const variables = ['DOCKER_CONFIG', 'DOCKER_HOST', 'BUILDX_BUILDER', 'TAGBOAT_WITH_ENGINE']
  const inherited = Object.entries(process.env).filter(([name]) => !variables.includes(name))
  const env = {...Object.fromEntries(inherited), HOME: home.path}
  const endpoint = `host=${await engineAddress()}`
  await run('docker', ['context', 'create', 'mine', '--docker', endpoint], {env: {...env, DOCKER_CONFIG: docker}})
  await writeFile(path.join(docker, 'config.json'), '{"currentContext": "mine"}')
  const command = 'HOME=/nowhere docker context show && HOME=/nowhere docker buildx inspect'
  const {stdout} = await run(path.join(projectRoot, 'scripts', 'with-engine'), ['sh', '-c', command], {
    env: {...env, TAGBOAT_CACHE: path.join(home.path, 'cache')},
  })
  expect(stdout).toMatch(/^mine\n/)
  expect(stdout).toMatch(/^Driver: +docker$/m)
  expect(await readdir(path.join(docker, 'cli-plugins'))).toEqual(['docker-buildx'])
})

test('packages that are installed are downloaded too', async () => {
  await using directory = await temporaryDirectory()
  const lib = path.join(projectRoot, 'scripts', 'lib')
  // As apt does: an installed package is downloaded only with --reinstall.
  const script = `
    program=test cache=${directory.path}/cache
    mkdir -p "$cache/parts/apt.new/own/archives" ${directory.path}/out
    source ${lib}/say.sh && source ${lib}/own-apt.sh
    apt-get() {
      case " $* " in *' --reinstall '*) touch "$cache/parts/apt.new/own/archives/runc_1_all.deb" ;; esac
    }
    download own ${directory.path}/out runc
  `
  await run('bash', ['-c', script])
  expect(await readdir(path.join(directory.path, 'out'))).toEqual(['runc_1_all.deb'])
})
