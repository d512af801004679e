import {expect, test} from '@jest/globals'
import {isEcr} from '../../../src/oci/ecr.ts'

test.each([
  {given: '123456789012.dkr.ecr.eu-west-1.amazonaws.com', expected: true},
  {given: '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', expected: true},
  {given: '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', expected: true},
  {given: '123456789012.dkr-ecr.eu-west-1.on.aws', expected: true},
  {given: '123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu', expected: true},
  {given: '123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov', expected: true},
  {given: '123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov', expected: true},
  {given: '123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk', expected: true},
  {given: '123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov', expected: true},
  {given: 'public.ecr.aws', expected: true},
  {given: 'ecr-public.aws.com', expected: true},
  {given: '123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example', expected: false},
  {given: 'ghcr.io', expected: false},
])('$given is ECR: $expected', ({given, expected}) => {
  expect(isEcr(given)).toBe(expected)
})
