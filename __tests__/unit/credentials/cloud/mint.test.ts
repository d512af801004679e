import {expect, test} from '@jest/globals'
import {renewed} from '../../../../src/credentials/cloud/mint.ts'
import type {CloudLogin} from '../../../../src/credentials/cloud/choose-identities.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {cloudScene, sceneTime} from '../../../../testing/clouds/scene.ts'

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const login: CloudLogin = {
  host,
  identity: {vendor: 'aws', identity: {kind: 'keys'}, region: undefined},
  isOptional: false,
}
const environment = {AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret'}

/** Credentials of ECR whose life in seconds is given, and a clock that the test moves. */
function given(life: number): {readonly get: () => Promise<string>; readonly wait: (seconds: number) => void} {
  let issued = 0
  let time = sceneTime
  const {io} = cloudScene(
    () => {
      issued += 1
      const token = Buffer.from(`AWS:password-${issued}`).toString('base64')
      return json(200, {authorizationData: [{authorizationToken: token, expiresAt: time.getTime() / 1000 + life}]})
    },
    {environment},
  )
  const timer = {...io.retrier.timer, now: () => time}
  const get = renewed(login, {...io, retrier: {...io.retrier, timer}})
  return {
    get: async () => (await get()).password.reveal(),
    wait: (seconds) => {
      time = new Date(time.getTime() + seconds * 1000)
    },
  }
}

test('is requested once by concurrent callers', async () => {
  const {get} = given(1000)
  expect(await Promise.all([get(), get(), get()])).toEqual(['password-1', 'password-1', 'password-1'])
})

test('is replaced when three quarters of its life are over', async () => {
  const {get, wait} = given(1000)
  await get()
  wait(749)
  expect(await get()).toBe('password-1')
  wait(1)
  expect(await get()).toBe('password-2')
})

test('is kept if it seems to be expired on arrival: a clock is wrong', async () => {
  const {get, wait} = given(-1000)
  await get()
  wait(5000)
  expect(await get()).toBe('password-1')
})

test('is requested again after a failure', async () => {
  let isDown = true
  const {io} = cloudScene(
    () => {
      const token = Buffer.from('AWS:password').toString('base64')
      return isDown ? json(400, {__type: 'x'}) : json(200, {authorizationData: [{authorizationToken: token}]})
    },
    {environment},
  )
  const get = renewed(login, io)
  await expect(get()).rejects.toMatchObject({code: 'aws-failed'})
  isDown = false
  await expect(get()).resolves.toMatchObject({username: 'AWS', until: undefined})
})
