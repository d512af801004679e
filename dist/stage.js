import {main} from './index.js'
await main('stage')
