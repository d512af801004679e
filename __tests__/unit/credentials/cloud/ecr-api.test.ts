import {expect, test} from '@jest/globals'
import {AmazonTokens} from '../../../../src/credentials/cloud/aws.ts'
import {ecrApi} from '../../../../src/credentials/cloud/ecr-api.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {cloudScene} from '../../../../testing/clouds/scene.ts'

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const environment = {AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'canary-secret-key'}

test.each([
  ['ThrottlingException', {ok: true, value: {imageIds: []}}, 1],
  ['ServerException', {ok: false, exception: 'ServerException'}, 0],
])('after %s with status 400', async (type, expected, retries) => {
  const answers = [
    json(400, {__type: `com.amazonaws.ecr#${type}`, message: 'Rate exceeded'}),
    json(200, {imageIds: []}),
  ]
  const {io, waits} = cloudScene(() => answers.shift(), {environment})
  const api = ecrApi({host, identity: {kind: 'keys'}}, new AmazonTokens(io), io)
  expect(await api.call('BatchDeleteImage', {})).toMatchObject(expected)
  expect(waits).toHaveLength(retries)
})
