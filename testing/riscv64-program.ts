/**
 * Assembles a static Linux program for 64-bit RISC-V, because a compiler may be missing. It prints the machine of uname(2),
 * `riscv64`, and exits with code 0. Format: ELF-64 with one segment (elf(5)). Instructions: RV64I.
 */
export function riscv64Program(): Buffer {
  const header = Buffer.alloc(headerSize + segmentSize)
  const size = header.length + code.length * 4
  header.write('\x7fELF', 'latin1')
  header.set([2, 1, 1], 4)
  header.writeUInt16LE(executable, 16)
  header.writeUInt16LE(riscv, 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(BigInt(address + header.length), 24)
  header.writeBigUInt64LE(BigInt(headerSize), 32)
  for (const [index, value] of [headerSize, segmentSize, 1].entries()) header.writeUInt16LE(value, 52 + 2 * index)
  header.writeUInt32LE(loaded, headerSize)
  header.writeUInt32LE(readable | runnable, headerSize + 4)
  const fields = [0, address, address, size, size, 0x1000]
  for (const [index, value] of fields.entries()) header.writeBigUInt64LE(BigInt(value), headerSize + 8 + 8 * index)
  const text = Buffer.alloc(code.length * 4)
  for (const [index, word] of code.entries()) text.writeUInt32LE(word, index * 4)
  return Buffer.concat([header, text])
}

const headerSize = 64
const segmentSize = 56
const address = 0x10000
const executable = 2
const riscv = 243
const loaded = 1
const runnable = 1
const readable = 4

const [zero, sp, t0, a0, a1, a2, a7] = [0, 2, 5, 10, 11, 12, 17] as const
/** System calls (https://github.com/torvalds/linux/blob/master/include/uapi/asm-generic/unistd.h). */
const calls = {write: 64, exit: 93, uname: 160} as const
/** Offset of the fifth field of `struct utsname`, whose fields have 65 bytes. */
const machine = 4 * 65

function addi(to: number, from: number, value: number): number {
  return (((value & 0xfff) << 20) | (from << 15) | (to << 7) | 0x13) >>> 0
}

function storeByte(from: number, base: number, offset: number): number {
  return (((offset >> 5) << 25) | (from << 20) | (base << 15) | ((offset & 0x1f) << 7) | 0x23) >>> 0
}

const ecall = 0x73

const code: readonly number[] = [
  addi(sp, sp, -512),
  addi(a0, sp, 0),
  addi(a7, zero, calls.uname),
  ecall,
  addi(t0, zero, '\n'.charCodeAt(0)),
  storeByte(t0, sp, machine + 'riscv64'.length),
  addi(a0, zero, 1),
  addi(a1, sp, machine),
  addi(a2, zero, 'riscv64\n'.length),
  addi(a7, zero, calls.write),
  ecall,
  addi(a0, zero, 0),
  addi(a7, zero, calls.exit),
  ecall,
]
