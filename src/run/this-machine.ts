import {hostname} from 'node:os'

/** Reports whether a host name is that of this machine. */
export function isThisMachine(name: string): boolean {
  return name === hostname()
}
