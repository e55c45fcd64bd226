# shellcheck shell=bash
# A stand-in for python:3.13-alpine: CPython of Debian's sources on Debian's musl, with no C
# library of Debian's own in it. What CPython is linked with is in crates (musl/Cargo.toml), whose
# versions stay; of Debian's packages any version will do. Sourced after suite.sh.
#
# The programs are compiled on this machine and run where they lie: musl can stand beside
# another C library. The image's musl is trixie's all the same: what wheels are linked with since
# 2025 is relocated by 1.2.4 and newer alone, and crashes on an older one. Of what Alpine's image
# has, sqlite3, bz2, lzma, curses and apk are missing.

MUSL_MACHINE=$(uname -m)
MUSL_JOBS=$(nproc)

# musl_compiler FOLDER: `cc` there compiles for musl. Debian's wrapper tells the machine's own
# C library when asked for the platform, knows no headers of the kernel, and its library has
# not the name by which Alpine's programs know theirs. The machine's musl may be an older one
# than the image's, which serves its programs, too.
musl_compiler() {
  local folder=$1 lib=/usr/lib/$MUSL_MACHINE-linux-musl
  mkdir -p "$folder/kernel" "$folder/lib"
  ln -s /usr/include/linux /usr/include/asm-generic "/usr/include/$MUSL_MACHINE-linux-gnu/asm" "$folder/kernel/"
  cp "$lib/libc.so" "$folder/lib/"
  patchelf --set-soname "libc.musl-$MUSL_MACHINE.so.1" "$folder/lib/libc.so"
  cat >"$folder/cc" <<SCRIPT
#!/bin/sh
if [ "\$1" = --print-multiarch ]; then echo $MUSL_MACHINE-linux-musl; exit; fi
exec musl-gcc -L$folder/lib -idirafter $folder/kernel "\$@"
SCRIPT
  chmod +x "$folder/cc"
}

# musl_library FOLDER NAME: compiles a library that Python's modules are linked with.
musl_library() (
  cd "$1/$2" || exit
  case $2 in
    # The crate leaves out zlib's configure, which finds out nothing that is needed here.
    zlib) "$CC" -O1 -fPIC -DHAVE_UNISTD_H -c ./*.c && ar rcs libz.a ./*.o ;;
    libffi) ./configure --disable-shared --disable-docs --prefix="$1/static" ;;
    # Half of all the time: what TLS and hashlib can do without is left out.
    openssl)
      ./Configure "linux-$MUSL_MACHINE" -O0 no-shared no-module no-apps no-tests no-docs no-legacy no-engine no-quic no-cmp \
        no-cms no-ts no-srp no-ssl-trace no-ct no-ml-kem no-ml-dsa no-slh-dsa no-argon2 no-aria no-camellia no-cast no-bf \
        no-des no-dsa no-idea no-rc2 no-rc4 no-seed no-sm2 no-sm3 no-sm4 no-whirlpool no-gost no-ec2m no-rfc3779 no-dtls no-psk \
        no-scrypt no-comp no-http --prefix="$1/static" --libdir=lib --openssldir=/etc/ssl
      ;;
  esac && case $2 in
    zlib) install -Dm644 -t "$1/static/lib" libz.a && install -Dm644 -t "$1/static/include" zlib.h zconf.h ;;
    openssl) make "-j$MUSL_JOBS" build_libs && make install_dev ;;
    *) make "-j$MUSL_JOBS" && make install ;;
  esac
)

# musl_sources FOLDER: the sources of those libraries, each in a folder of its name. cargo checks
# them, and keeps what it has downloaded.
musl_sources() {
  command -v cargo >/dev/null || PATH=$PATH:$HOME/.cargo/bin
  cargo vendor -q --locked --manifest-path "$HERE/musl/Cargo.toml" "$1/crates" >/dev/null ||
    die "the crates in tests/engine/musl/Cargo.toml cannot be downloaded"
  mv "$1/crates/openssl-src/openssl" "$1/crates/libffi-sys/libffi" "$1/"
  mv "$1/crates/libz-sys/src/zlib" "$1/zlib"
}

# musl_python FOLDER: compiles what is in FOLDER and installs it below FOLDER/root.
musl_python() (
  cd "$1" || exit
  # The machine's own libraries must not be found.
  export CC=$1/cc CFLAGS='-O1 -fPIC' PKG_CONFIG=false
  for archive in *.orig.tar.*z; do
    mkdir "${archive%%_*}" && tar -C "${archive%%_*}" --strip-components=1 -xf "$archive" || exit
  done
  for library in zlib libffi openssl; do musl_library "$1" "$library" || exit; done
  # Threads get the stack that they have in the image: musl's own default is too small for Python.
  cd python3.13 &&
    ./configure --prefix=/usr/local --enable-shared --with-ensurepip=install --with-openssl="$1/static" \
      --disable-test-modules CPPFLAGS="-I$1/static/include" LDFLAGS="-L$1/static/lib -Wl,--strip-all" \
      LIBFFI_CFLAGS="-I$1/static/include" LIBFFI_LIBS="-L$1/static/lib -lffi" \
      ZLIB_CFLAGS="-I$1/static/include" ZLIB_LIBS="-L$1/static/lib -lz" &&
    make "-j$MUSL_JOBS" EXTRA_CFLAGS=-DTHREAD_STACK_SIZE=0x100000 &&
    make install DESTDIR="$1/root"
)

# musl_tree FOLDER TAR: what lies around Python in Alpine's image: musl under both its names, a
# busybox, users, certificates.
musl_tree() {
  local root=$1/root loader=ld-musl-$MUSL_MACHINE.so.1 applet name
  mkdir -p "$root"/{bin,sbin,lib,etc/ssl/certs,root,home,proc,sys,dev,run,tmp,usr/bin,usr/sbin,usr/lib,var/tmp}
  chmod 1777 "$root/tmp" "$root/var/tmp"
  chmod 0700 "$root/root"
  find "$1/debian" -name libc.so -type f -exec cp {} "$root/lib/$loader" \;
  ln -s "$loader" "$root/lib/libc.musl-$MUSL_MACHINE.so.1"
  find "$1/debian" -path '*/bin/busybox' -exec cp {} "$root/bin/" \;
  for applet in $("$root/bin/busybox" --list-full); do
    if [[ ! -e $root/$applet ]]; then ln -s /bin/busybox "$root/$applet"; fi
  done
  cat "$1/debian/usr/share/ca-certificates/mozilla/"*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
  ln -s certs/ca-certificates.crt "$root/etc/ssl/cert.pem"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/:/sbin/nologin' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:root' 'nobody:x:65534:' >"$root/etc/group"
  find "$root/usr/local" '(' -name __pycache__ -o -name '*.a' -o -name idlelib -o -name turtledemo ')' -prune -exec rm -rf {} +
  for name in python pip; do ln -s "${name}3" "$root/usr/local/bin/$name"; done
  tar -C "$root" -cf "$2" .
}

# musl_image: a stand-in for python:3.13-alpine.
musl_image() {
  local work log=$ENGINE/log/musl.log
  packages gcc make perl libc6-dev linux-libc-dev musl-tools musl-dev patchelf xz-utils
  work=$(mktemp -d -p "$ENGINE/tmp")
  debian_files "trixie forky sid" "$work" python3.13 musl busybox-static ca-certificates
  musl_sources "$work"
  musl_compiler "$work"
  musl_python "$work" >"$log" 2>&1 || die "Python cannot be compiled for musl; see $log"
  musl_tree "$work" "$work/image.tar"
  push_import "$work/image.tar" library/python:3.13-alpine "$NATIVE" 'CMD ["python3"]' \
    'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin'
  rm -rf "$work"
}
