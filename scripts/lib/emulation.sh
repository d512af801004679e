# shellcheck shell=bash
# The other architecture's programs on this machine: QEMU, registered with the kernel. Flag F makes the kernel open
# the interpreter now, so that it works inside containers that do not hold it; flag P keeps a program's own name.
# The registration is written to the kernel directly: no package's database is touched, and it can be removed.
#
# Needs: say.sh, debian-parts.sh, `as_root`.

binfmt=/proc/sys/fs/binfmt_misc

# The machine's foreign architecture among the two that the sample is built for; Docker's word for it.
foreign_architecture() { if [[ $(uname -m) == x86_64 ]]; then echo arm64; else echo amd64; fi; }

# emulator : QEMU's word for that architecture.
emulator() { if [[ $(foreign_architecture) == arm64 ]]; then echo aarch64; else echo x86_64; fi; }

# By convention, a registration of another program has that name.
emulation_is_registered() { [[ -e $binfmt/qemu-$(emulator) ]]; }

# A program run in a folder that holds nothing else: true only if containers could do the same.
emulation_works() {
  [[ -n ${TAGBOAT_BUSYBOX:-} ]] && as_root chroot "$TAGBOAT_BUSYBOX/$(foreign_architecture)" /busybox true 2>/dev/null
}

# Call with the start lock held.
start_emulation() {
  local name qemu machine
  name=$(emulator)
  has "qemu-$name-static" || need_parts emulation
  if [[ ! -e $binfmt/register ]]; then
    as_root mount -t binfmt_misc binfmt_misc "$binfmt" ||
      die 'the kernel has no binfmt_misc' 'load the module binfmt_misc, or use a machine whose kernel has it'
  fi
  if [[ $name == aarch64 ]]; then machine='\xb7'; else machine='\x3e'; fi
  qemu=$(readlink -f "$(command -v "qemu-$name-static")")
  # An ELF header: 64 bits, little-endian, executable or shared object, the machine. See elf(5).
  local magic="\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00$machine\\x00"
  local mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  stop_emulation
  # shellcheck disable=SC2016 # expanded by that shell
  as_root sh -c 'printf %s "$1" >"$2/register"' sh ":tagboat-$name:M::$magic:$mask:$qemu:PF" "$binfmt" ||
    die "the kernel refused the emulation of $name" 'binfmt_misc must be writable here (not in an unprivileged container)'
  [[ -z ${TAGBOAT_BUSYBOX:-} ]] || emulation_works ||
    die "programs for $(foreign_architecture) do not run, though QEMU is registered"
  say "emulating $(foreign_architecture)"
}

# Removes only what start_emulation registered, by the prefix of the name.
stop_emulation() {
  local entry
  for entry in "$binfmt"/tagboat-*; do
    # shellcheck disable=SC2016 # expanded by that shell
    [[ ! -e $entry ]] || as_root sh -c 'echo -1 >"$1"' sh "$entry"
  done
}
