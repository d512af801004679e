# Fills the page in and leaves. Runs while the image is built; there is nothing but Busybox in it.
set -eu
busybox=/bin/busybox
machine=$($busybox uname -m)

$busybox printf 'version=%s\nplatform=%s\nmachine=%s\n' "$VERSION" "$TARGETPLATFORM" "$machine" >/www/proof.txt
$busybox sed -i \
  -e "s|@VERSION@|$VERSION|g" \
  -e "s|@PLATFORM@|$TARGETPLATFORM|g" \
  -e "s|@MACHINE@|$machine|g" \
  /www/index.html
$busybox rm /www/bake.sh
