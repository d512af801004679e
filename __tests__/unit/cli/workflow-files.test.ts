import {chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {workflowFiles} from '../../../src/cli/workflow-files.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'

/** Runs a function without the rights of root, which may write any file. */
async function withoutRoot<T>(body: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65534)
  try {
    return await body()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

describe('reading', () => {
  test('a folder means its workflow files, in order', async () => {
    await using directory = await temporaryDirectory()
    const folder = path.join(directory.path, 'workflows')
    mkdirSync(path.join(folder, 'below.yml'), {recursive: true})
    for (const name of ['b.yml', 'a.yaml', 'notes.md', 'c.yml.old']) writeFileSync(path.join(folder, name), name)
    const {files, problems} = await workflowFiles(directory.path).read(['workflows'])
    expect(files).toEqual([
      {name: 'workflows/a.yaml', text: 'a.yaml'},
      {name: 'workflows/b.yml', text: 'b.yml'},
    ])
    expect(problems).toEqual([])
  })

  test('a file that was named is read whatever its name is', async () => {
    await using directory = await temporaryDirectory()
    writeFileSync(path.join(directory.path, 'action.txt'), 'x\r\n')
    const {files} = await workflowFiles(directory.path).read(['action.txt'])
    expect(files).toEqual([{name: 'action.txt', text: 'x\r\n'}])
  })

  test('missing paths and empty folders are problems, and the rest is read', async () => {
    await using directory = await temporaryDirectory()
    mkdirSync(path.join(directory.path, 'empty'))
    writeFileSync(path.join(directory.path, 'a.yml'), 'a')
    const {files, problems} = await workflowFiles(directory.path).read(['missing.yml', 'empty', 'a.yml', 'a.yml/b'])
    expect(files.map(({name}) => name)).toEqual(['a.yml'])
    expect(problems.map(({name}) => name)).toEqual(['missing.yml', 'empty', 'a.yml/b'])
    expect(new Set(problems.map(({message}) => message)).size).toBe(3)
  })

  test('a file of a folder that cannot be read is a problem, and the rest is read', async () => {
    await using directory = await temporaryDirectory()
    const at = (name: string): string => path.join(directory.path, name)
    mkdirSync(at('folder'))
    symlinkSync('gone', at('broken.yml'))
    symlinkSync('folder', at('folder.yml'))
    writeFileSync(at('latin.yml'), Buffer.from('name: caf\u00E9\n', 'latin1'))
    writeFileSync(at('good.yml'), '\uFEFFname: caf\u00E9\n')
    const {files, problems} = await workflowFiles(directory.path).read(['.'])
    expect(files).toEqual([{name: 'good.yml', text: '\uFEFFname: caf\u00E9\n'}])
    expect(problems.map(({name, message}) => `${name} ${message}`)).toEqual([
      'broken.yml does not exist',
      'folder.yml is a folder',
      'latin.yml is not UTF-8',
    ])
  })
})

describe('replacing', () => {
  test('the content changes, the mode stays, and no other file remains', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'a.yml')
    writeFileSync(file, 'before')
    chmodSync(file, 0o640)
    expect(await workflowFiles(directory.path).replace('a.yml', 'after')).toBeUndefined()
    expect(readFileSync(file, 'utf8')).toBe('after')
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(readdirSync(directory.path)).toEqual(['a.yml'])
  })

  test('a link inside the directory stays a link', async () => {
    await using directory = await temporaryDirectory()
    writeFileSync(path.join(directory.path, 'real.yml'), 'before')
    symlinkSync('real.yml', path.join(directory.path, 'link.yml'))
    expect(await workflowFiles(directory.path).replace('link.yml', 'after')).toBeUndefined()
    expect(lstatSync(path.join(directory.path, 'link.yml')).isSymbolicLink()).toBe(true)
    expect(readFileSync(path.join(directory.path, 'real.yml'), 'utf8')).toBe('after')
  })

  test('a link out of the directory is refused', async () => {
    await using outside = await temporaryDirectory()
    await using directory = await temporaryDirectory()
    const target = path.join(outside.path, 'target.yml')
    writeFileSync(target, 'before')
    symlinkSync(target, path.join(directory.path, 'link.yml'))
    const problem = await workflowFiles(directory.path).replace('link.yml', 'after')
    expect(problem?.name).toBe('link.yml')
    expect(problem?.message).toContain(target)
    expect(readFileSync(target, 'utf8')).toBe('before')
  })

  test('a file outside of the directory that was named itself is replaced', async () => {
    await using outside = await temporaryDirectory()
    await using directory = await temporaryDirectory()
    const target = path.join(outside.path, 'target.yml')
    writeFileSync(target, 'before')
    expect(await workflowFiles(directory.path).replace(target, 'after')).toBeUndefined()
    expect(readFileSync(target, 'utf8')).toBe('after')
  })

  test('a write-protected file in a writable folder is a problem', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'a.yml')
    writeFileSync(file, 'before')
    chmodSync(file, 0o444)
    chmodSync(directory.path, 0o777)
    const problem = await withoutRoot(async () => workflowFiles(directory.path).replace('a.yml', 'after'))
    expect(problem).toMatchObject({message: 'cannot be written'})
    expect(readFileSync(file, 'utf8')).toBe('before')
  })

  test('a file that has gone is a problem', async () => {
    await using directory = await temporaryDirectory()
    const problem = await workflowFiles(directory.path).replace('gone.yml', 'after')
    expect(problem?.message).toBe('does not exist')
    expect(readdirSync(directory.path)).toEqual([])
  })
})
