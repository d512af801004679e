import {execFileSync} from 'node:child_process'
import {chmod, lstat, mkdir, readdir, readFile, readlink, stat, symlink, truncate, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {files, readable} from '../../../src/io/files.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'

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

  test('a pipe without a writer is an error at once', async () => {
    await using directory = await temporaryDirectory()
    const pipe = path.join(directory.path, 'pipe')
    execFileSync('mkfifo', [pipe])
    await expect(files.read(pipe)).rejects.toMatchObject({code: 'EINVAL'})
  })

  test('a device that never ends is an error', async () => {
    await expect(files.read('/dev/zero')).rejects.toMatchObject({code: 'EINVAL'})
  })

  test('what the kernel makes up has size 0 and is read whole', async () => {
    expect(await files.read('/proc/self/status')).toContain('Pid:')
  })

  test('a large text, and characters of several bytes where two parts meet', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'file')
    const text = 'größe 🚢'.repeat(300_000)
    await writeFile(file, text)
    expect((await files.read(file)) === text).toBe(true)
  })

  test('a file without end is not read for ever', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'file')
    await writeFile(file, '')
    await truncate(file, 65 * 1024 * 1024)
    await expect(files.read(file)).rejects.toMatchObject({code: 'EFBIG'})
  })
})

describe('readBelow', () => {
  interface Row {
    readonly name: string
    readonly given: string
    readonly expected: string | undefined
  }
  async function place(directory: string): Promise<string> {
    const root = path.join(directory, 'root')
    await mkdir(path.join(root, 'deep'), {recursive: true})
    await writeFile(path.join(root, 'file'), 'text')
    await writeFile(path.join(directory, 'outside'), 'secret')
    await mkdir(path.join(directory, 'root-too'))
    await writeFile(path.join(directory, 'root-too', 'file'), 'secret')
    await symlink('file', path.join(root, 'link'))
    await symlink('../file', path.join(root, 'deep', 'up'))
    await symlink('../outside', path.join(root, 'out'))
    await symlink('../root-too', path.join(root, 'folder'))
    await symlink('nothing', path.join(root, 'dangling'))
    await symlink('/proc/self/environ', path.join(root, 'environment'))
    execFileSync('mkfifo', [path.join(root, 'pipe')])
    return root
  }

  test.each<Row>([
    {name: 'a file', given: 'file', expected: 'text'},
    {name: 'an internal link', given: 'link', expected: 'text'},
    {name: 'a link up, which stays inside', given: 'deep/up', expected: 'text'},
    {name: 'a link to nothing', given: 'dangling', expected: undefined},
    {name: 'nothing', given: 'nothing', expected: undefined},
  ])('$name', async ({given, expected}) => {
    await using directory = await temporaryDirectory()
    const root = await place(directory.path)
    expect(await files.readBelow(root, path.join(root, given))).toBe(expected)
  })

  test.each([
    {name: 'a link out', given: 'out', code: 'EXDEV'},
    {name: 'a folder that is a link out', given: 'folder/file', code: 'EXDEV'},
    {name: 'a link to what the kernel makes up', given: 'environment', code: 'EXDEV'},
    {name: 'a path out', given: '../outside', code: 'EXDEV'},
    {name: 'a folder with the same prefix', given: '../root-too/file', code: 'EXDEV'},
    {name: 'a pipe', given: 'pipe', code: 'EINVAL'},
    {name: 'a directory', given: 'deep', code: 'EISDIR'},
    {name: 'the directory itself', given: '.', code: 'EISDIR'},
  ])('$name is an error', async ({given, code}) => {
    await using directory = await temporaryDirectory()
    const root = await place(directory.path)
    await expect(files.readBelow(root, path.join(root, given))).rejects.toMatchObject({code})
  })

  test('a directory that is reached by a link itself', async () => {
    await using directory = await temporaryDirectory()
    const root = await place(directory.path)
    const link = path.join(directory.path, 'workspace')
    await symlink(root, link)
    expect(await files.readBelow(link, path.join(link, 'file'))).toBe('text')
  })
})

describe('readable', () => {
  function failing(code: string): Pick<typeof files, 'read' | 'list'> {
    const fail = async (): Promise<never> => Promise.reject(Object.assign(new Error(code), {code}))
    return readable({read: fail, list: fail})
  }

  test.each(['EACCES', 'EPERM', 'EISDIR', 'EINVAL'])('an unreadable file counts as missing: %s', async (code) => {
    expect(await failing(code).read('/etc/docker/daemon.json')).toBeUndefined()
    expect(await failing(code).list('/etc/docker')).toEqual([])
  })

  test('other errors are thrown', async () => {
    await expect(failing('EIO').read('/etc/docker/daemon.json')).rejects.toMatchObject({code: 'EIO'})
    await expect(failing('EIO').list('/etc/docker')).rejects.toMatchObject({code: 'EIO'})
  })

  test('what can be read is read', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(path.join(directory.path, 'file'), 'text')
    const {read, list} = readable(files)
    expect(await read(path.join(directory.path, 'file'))).toBe('text')
    expect(await list(directory.path)).toEqual(['file'])
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
    await writeFile(users, 'foreign')
    await symlink(users, file)
    await files.writePrivate(file, 'private')
    expect(await readFile(users, 'utf8')).toBe('foreign')
    expect((await lstat(file)).isSymbolicLink()).toBe(false)
  })

  test.each(['config.json.new', 'config.json.tmp', 'config.json~'])(
    'is not written through a link of a name beside it: %s',
    async (name) => {
      await using directory = await temporaryDirectory()
      const users = path.join(directory.path, 'users')
      const file = path.join(directory.path, 'config.json')
      await symlink(users, path.join(directory.path, name))
      await files.writePrivate(file, 'private')
      expect((await readdir(directory.path)).sort()).toEqual(['config.json', name].sort())
      expect(await mode(file)).toBe('600')
    },
  )

  test('leaves nothing beside a name that cannot be had', async () => {
    await using directory = await temporaryDirectory()
    await mkdir(path.join(directory.path, 'config.json', 'full'), {recursive: true})
    await expect(files.writePrivate(path.join(directory.path, 'config.json'), 'private')).rejects.toThrow()
    expect(await readdir(directory.path)).toEqual(['config.json'])
  })

  test('concurrent readers get the complete old or new text', async () => {
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
    expect(await mode(path.dirname(made))).toBe('700')
    expect(await mode(made)).toBe('700')
  })
})

describe('makeNewDirectory', () => {
  test('makes it for its owner alone, and those above it', async () => {
    await using directory = await temporaryDirectory()
    const made = path.join(directory.path, 'a', 'b')
    await files.makeNewDirectory(made)
    expect(await mode(path.dirname(made))).toBe('700')
    expect(await mode(made)).toBe('700')
  })

  test.each([
    {name: 'a directory', plant: async (file: string) => mkdir(file)},
    {name: 'a file', plant: async (file: string) => writeFile(file, '')},
    {name: 'a directory link', plant: async (file: string) => symlink(path.dirname(file), file)},
    {name: 'a link to nothing', plant: async (file: string) => symlink('nothing', file)},
  ])('never uses an entry of another user: $name', async ({plant}) => {
    await using directory = await temporaryDirectory()
    const made = path.join(directory.path, 'made')
    await plant(made)
    await expect(files.makeNewDirectory(made)).rejects.toMatchObject({code: 'EEXIST'})
  })
})

describe('kindOf and copyPrivate', () => {
  test('what a path is, with links followed', async () => {
    await using directory = await temporaryDirectory()
    const at = (name: string): string => path.join(directory.path, name)
    await writeFile(at('file'), 'text')
    await symlink('file', at('link'))
    await symlink('nothing', at('dangling'))
    execFileSync('mkfifo', [at('pipe')])
    const names = ['.', 'file', 'link', 'dangling', 'pipe', 'nothing', 'file/below']
    expect(await Promise.all(names.map(async (name) => files.kindOf(at(name))))).toEqual([
      'directory',
      'file',
      'file',
      undefined,
      'other',
      undefined,
      undefined,
    ])
  })

  test('a copy is for its owner alone', async () => {
    await using directory = await temporaryDirectory()
    const at = (name: string): string => path.join(directory.path, name)
    await writeFile(at('file'), 'text', {mode: 0o644})
    expect(await files.copyPrivate(at('file'), at('copy'))).toBe(true)
    expect(await readFile(at('copy'), 'utf8')).toBe('text')
    expect(await mode(at('copy'))).toBe('600')
  })

  test('a large file is not copied, and nothing is replaced', async () => {
    await using directory = await temporaryDirectory()
    const at = (name: string): string => path.join(directory.path, name)
    await writeFile(at('large'), Buffer.alloc(1024 * 1024 + 1))
    await writeFile(at('file'), 'text')
    expect(await files.copyPrivate(at('large'), at('copy'))).toBe(false)
    await expect(files.copyPrivate(at('file'), at('large'))).rejects.toMatchObject({code: 'EEXIST'})
    expect((await readdir(directory.path)).sort()).toEqual(['file', 'large'])
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
  test('is resolved to its target', async () => {
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

  test('concurrent calls create it once', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'claim')
    const made = await Promise.all(Array.from({length: 20}, async (_, one) => files.writeNew(file, String(one))))
    expect(made.filter((isMade) => isMade)).toHaveLength(1)
    expect(await files.read(file)).toBe(String(made.indexOf(true)))
  })

  test('reports the existing path', async () => {
    await expect(files.writeNew('/nowhere/claim', 'text')).rejects.toMatchObject({code: 'ENOENT'})
  })
})

describe('replaceDirectory', () => {
  test.each([
    {name: 'a new path', before: {}},
    {name: 'a tree', before: {'target/old': 'old', 'target/kept/old': 'old'}},
    {name: 'a file', before: {target: 'old'}},
  ])('moves a tree in place of $name', async ({before}) => {
    await using directory = await temporaryDirectory()
    const root = path.join(directory.path, 'above')
    const all: Readonly<Record<string, string>> = {...before, 'source/deep/file': 'new'}
    for (const [name, text] of Object.entries(all)) {
      const file = name.startsWith('target') ? path.join(root, name) : path.join(directory.path, name)
      await mkdir(path.dirname(file), {recursive: true})
      await writeFile(file, text)
    }
    await files.replaceDirectory(path.join(directory.path, 'source'), path.join(root, 'target'))
    expect(await readdir(root, {recursive: true})).toEqual(['target', 'target/deep', 'target/deep/file'])
    expect(await readdir(directory.path)).toEqual(['above'])
  })

  test('of concurrent trees, one is whole, and none is beside it', async () => {
    await using directory = await temporaryDirectory()
    const target = path.join(directory.path, 'target')
    const names = ['a', 'b', 'c', 'd']
    for (const name of names) {
      await mkdir(path.join(directory.path, name))
      for (const file of ['one', 'two']) await writeFile(path.join(directory.path, name, file), name)
    }
    const moves = names.map(async (name) => files.replaceDirectory(path.join(directory.path, name), target))
    expect((await Promise.allSettled(moves)).some(({status}) => status === 'fulfilled')).toBe(true)
    const [one, two] = await Promise.all(['one', 'two'].map(async (file) => readFile(path.join(target, file), 'utf8')))
    expect(names).toContain(one)
    expect(two).toBe(one)
  })
})
