import {expect, test} from '@jest/globals'
import {isSbomGenerator} from '../../../src/buildx/sbom-generator.ts'

const standard = 'docker.io/docker/buildkit-syft-scanner:stable-1'

test.each<{image: string; sbom?: string; attests?: readonly string[]; expected: boolean}>([
  {image: standard, sbom: 'true', expected: true},
  {image: standard, attests: ['type=sbom'], expected: true},
  {image: standard, attests: ['type=provenance,mode=max'], expected: false},
  {image: standard, expected: false},
  {image: 'docker.io/library/alpine:3.99', sbom: 'true', expected: false},
  {image: 'docker.io/acme/own:latest', sbom: 'generator=acme/own', expected: true},
  {image: 'localhost:5000/a/own:2@sha256:0', attests: ['type=sbom,"generator=localhost:5000/a/own:2"'], expected: true},
  {image: standard, sbom: 'generator=acme/own', expected: false},
])('$image with sbom $sbom and attests $attests: $expected', ({image, sbom, attests = [], expected}) => {
  expect(isSbomGenerator(image, {sbom, attests})).toBe(expected)
})
