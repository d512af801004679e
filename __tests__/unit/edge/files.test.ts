import {chmod, lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {files, readable} from '../../../src/edge/files.ts'
import {temporaryDirectory} from '../../support/fake-edges.ts'

async function mode(file: string): Promise<string> {
  return ((await stat(file)).mode & 0o777).toString(8)
}

describe('read', () => {
  test.each([
    {name: 'a file', given: 'file', expected: 'text'},
    {name: 'no file', given: 'nothing', expected: undefined},
    {name: 'below a file', given: 'file/below', expected: undefined},
  ])('$name', async ({given, expected}) => {
    await using directory = await temporaryDirectory()
    await writeFile(path.join(directory.path, 'file'), 'text')
    expect(await files.read(path.join(directory.path, given))).toBe(expected)
  })

  test('a directory is an error', async () => {
    await using directory = await temporaryDirectory()
    await expect(files.read(directory.path)).rejects.toMatchObject({code: 'EISDIR'})
  })
})

describe('readable', () => {
  function failing(code: string): Pick<typeof files, 'read' | 'list'> {
    const fail = async (): Promise<never> => Promise.reject(Object.assign(new Error(code), {code}))
    return readable({read: fail, list: fail})
  }

  test.each(['EACCES', 'EPERM'])('what this user may not read is not there for them: %s', async (code) => {
    expect(await failing(code).read('/etc/docker/daemon.json')).toBeUndefined()
    expect(await failing(code).list('/etc/docker')).toEqual([])
  })

  test('anything else that is wrong is told', async () => {
    await expect(failing('EIO').read('/etc/docker/daemon.json')).rejects.toMatchObject({code: 'EIO'})
    await expect(failing('EIO').list('/etc/docker')).rejects.toMatchObject({code: 'EIO'})
  })

  test('what can be read is read', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(path.join(directory.path, 'file'), 'text')
    const {read, list} = readable(files)
    expect([await read(path.join(directory.path, 'file')), await list(directory.path)]).toEqual(['text', ['file']])
  })
})

describe('openRead', () => {
  test('gives all bytes, in parts', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'file')
    const bytes = Buffer.alloc(200_000, 'text')
    await writeFile(file, bytes)
    const chunks: Uint8Array[] = []
    for await (const chunk of files.openRead(file)) chunks.push(chunk)
    expect(Buffer.concat(chunks)).toEqual(bytes)
    expect(chunks.length).toBeGreaterThan(1)
  })

  test('no file is an error of the loop', async () => {
    await using directory = await temporaryDirectory()
    const opened = files.openRead(path.join(directory.path, 'nothing'))[Symbol.asyncIterator]()
    await expect(opened.next()).rejects.toMatchObject({code: 'ENOENT'})
  })
})

describe('writePrivate', () => {
  test('makes a file for its owner alone', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'config.json')
    await files.writePrivate(file, 'text')
    expect({text: await readFile(file, 'utf8'), mode: await mode(file)}).toEqual({text: 'text', mode: '600'})
  })

  test('replaces a file that others could read, and leaves nothing beside it', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'config.json')
    await writeFile(file, 'old')
    await chmod(file, 0o644)
    await files.writePrivate(file, 'new')
    expect({text: await readFile(file, 'utf8'), mode: await mode(file)}).toEqual({text: 'new', mode: '600'})
    expect(await readdir(directory.path)).toEqual(['config.json'])
  })

  test('replaces a link, not what it points at', async () => {
    await using directory = await temporaryDirectory()
    const users = path.join(directory.path, 'users.json')
    const file = path.join(directory.path, 'config.json')
    await writeFile(users, 'theirs')
    await symlink(users, file)
    await files.writePrivate(file, 'ours')
    expect(await readFile(users, 'utf8')).toBe('theirs')
    expect((await lstat(file)).isSymbolicLink()).toBe(false)
  })

  test('who reads meanwhile sees the old text or the new, whole', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'config.json')
    const texts = ['a', 'b'].map((letter) => letter.repeat(500_000))
    await files.writePrivate(file, texts[0] ?? '')
    const seen = new Set<string>()
    const progress = {ended: false}
    const write = async (): Promise<void> => {
      for (let round = 0; round < 20; round += 1) await files.writePrivate(file, texts[round % 2] ?? '')
      progress.ended = true
    }
    const read = async (): Promise<void> => {
      while (!progress.ended) seen.add((await files.read(file)) ?? 'nothing')
    }
    await Promise.all([write(), read()])
    expect([...seen].every((text) => texts.includes(text))).toBe(true)
  })
})

describe('makePrivateDirectory', () => {
  test('makes those above it too, for their owner alone', async () => {
    await using directory = await temporaryDirectory()
    const made = path.join(directory.path, 'a', 'b')
    await files.makePrivateDirectory(made)
    expect([await mode(path.dirname(made)), await mode(made)]).toEqual(['700', '700'])
  })
})

describe('list and exists', () => {
  test.each([
    {name: 'a directory', given: '.', expected: {list: ['file'], exists: true}},
    {name: 'nothing', given: 'nothing', expected: {list: [], exists: false}},
    {name: 'below a file', given: 'file/below', expected: {list: [], exists: false}},
  ])('$name', async ({given, expected}) => {
    await using directory = await temporaryDirectory()
    await writeFile(path.join(directory.path, 'file'), '')
    const target = path.join(directory.path, given)
    expect({list: await files.list(target), exists: await files.exists(target)}).toEqual(expected)
  })
})

describe('link', () => {
  test('stands for its target', async () => {
    await using directory = await temporaryDirectory()
    const target = path.join(directory.path, 'target')
    const link = path.join(directory.path, 'link')
    await mkdir(target)
    await writeFile(path.join(target, 'file'), 'text')
    await files.link(target, link)
    expect({to: await readlink(link), text: await readFile(path.join(link, 'file'), 'utf8')}).toEqual({
      to: target,
      text: 'text',
    })
  })
})

describe('remove', () => {
  test('removes links, and not what they point at', async () => {
    await using directory = await temporaryDirectory()
    const users = path.join(directory.path, 'users')
    const home = path.join(directory.path, 'home')
    await mkdir(users)
    await writeFile(path.join(users, 'precious'), 'text')
    await mkdir(path.join(home, 'deep'), {recursive: true})
    await symlink(users, path.join(home, 'deep', 'directory'))
    await symlink(path.join(users, 'precious'), path.join(home, 'file'))
    await files.remove(home)
    expect(await readdir(directory.path)).toEqual(['users'])
    expect(await readFile(path.join(users, 'precious'), 'utf8')).toBe('text')
  })

  test('a link by itself goes, its target stays', async () => {
    await using directory = await temporaryDirectory()
    const users = path.join(directory.path, 'users')
    await mkdir(users)
    await symlink(users, path.join(directory.path, 'link'))
    await files.remove(path.join(directory.path, 'link'))
    expect(await readdir(directory.path)).toEqual(['users'])
  })

  test('nothing there is fine', async () => {
    await using directory = await temporaryDirectory()
    await expect(files.remove(path.join(directory.path, 'nothing'))).resolves.toBeUndefined()
  })
})

describe('writeNew', () => {
  test('makes a file once, for its user alone', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'claim')
    expect(await files.writeNew(file, 'first')).toBe(true)
    expect(await files.writeNew(file, 'second')).toBe(false)
    expect(await files.read(file)).toBe('first')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await files.list(directory.path)).toEqual(['claim'])
  })

  test('of many at the same time, one makes it', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'claim')
    const made = await Promise.all(Array.from({length: 20}, async (_, one) => files.writeNew(file, String(one))))
    expect(made.filter((isMade) => isMade)).toHaveLength(1)
    expect(await files.read(file)).toBe(String(made.indexOf(true)))
  })

  test('says what is in the way', async () => {
    await expect(files.writeNew('/nowhere/claim', 'text')).rejects.toMatchObject({code: 'ENOENT'})
  })
})
