#!/usr/bin/env node
const {node} = process.versions
if (Number(node.split('.')[0]) < 24) {
  console.error('tagboat needs Node.js 24 or newer, and this is ' + node + '. See https://nodejs.org/en/download')
  process.exitCode = 2
} else {
  import('./cli/index.js').then(({runCli}) => runCli('0.1.0'))
}
