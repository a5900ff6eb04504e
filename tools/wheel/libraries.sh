# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# libraries.sh - the static libraries of the wheel, for tools/wheel.sh: from $work/NAME into
# $prefix, by the compiler in $CC
set -e
CFLAGS="-O2 -g0 -fPIC -ffunction-sections -fdata-sections"
export CFLAGS

# pc NAME LIBRARIES: for those that have no such file.
pc() {
	printf 'Name: %s\nDescription: %s\nVersion: %s\nLibs: -L%s/lib %s\nCflags: -I%s/include\n' \
		"$1" "$1" "$3" "$prefix" "$2" "$prefix" >"$prefix/lib/pkgconfig/$1.pc"
}

# version_of PACKAGE: upstream's.
version_of() {
	sed -n "s/^$1 \(.*:\)\?\([^ ]*\)-[^-]* .*/\2/p" "$work/taken"
}

# Certificates are looked for by the module fetch; the directory is what OpenSSL itself knows.
build_openssl() (
	cd "$work/openssl"
	# shellcheck disable=SC2086 # a list of flags
	./Configure "linux-$arch" no-shared no-tests no-legacy no-engine no-async no-ui-console \
		--openssldir=/etc/ssl --prefix=/usr --libdir=lib CC="$CC" AR="$AR" RANLIB="$RANLIB" $CFLAGS
	make build_generated
	make -j"$jobs" libcrypto.a libssl.a
	cp libcrypto.a libssl.a "$prefix/lib/"
	cp -R include/openssl "$prefix/include/"
	pc libcrypto "-lcrypto -lpthread -ldl" "$(version_of openssl)"
	pc libssl "-lssl -lcrypto -lpthread -ldl" "$(version_of openssl)"
)

build_zlib() (
	cd "$work/zlib"
	CHOST='' ./configure --static --prefix="$prefix"
	make -j"$jobs" libz.a
	cp libz.a "$prefix/lib/"
	cp zlib.h zconf.h "$prefix/include/"
	pc zlib -lz "$(version_of zlib | sed 's/[^0-9.].*//')"
)

build_libinih() (
	cd "$work/libinih"
	# shellcheck disable=SC2086
	$CC $CFLAGS -c ini.c -o ini.o
	$AR rcs "$prefix/lib/libinih.a" ini.o
	cp ini.h "$prefix/include/"
	pc inih -linih "$(version_of libinih)"
)

build_jansson() (
	cd "$work/jansson"
	autoreconf -fi
	./configure --host="$arch-linux-gnu" --prefix="$prefix" --enable-static --disable-shared --with-pic
	make -j"$jobs" -C src install
	make install-pkgconfigDATA
)

build_libtool() (
	cd "$work/libtool/libltdl"
	# As it came: what Debian's patches are newer than is not made anew.
	find . -exec touch -r configure.ac {} +
	./configure --host="$arch-linux-gnu" --prefix="$prefix" --enable-ltdl-install --enable-static \
		--disable-shared --with-pic
	make -j"$jobs" install
)

build_libzip() (
	cd "$work/libzip"
	cmake -B b -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$CC" \
		-DCMAKE_AR="$work/bin/$AR" -DCMAKE_RANLIB="$work/bin/$RANLIB" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$arch" \
		-DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF \
		-DENABLE_COMMONCRYPTO=OFF -DENABLE_GNUTLS=OFF -DENABLE_MBEDTLS=OFF -DENABLE_OPENSSL=OFF \
		-DENABLE_BZIP2=OFF -DENABLE_LZMA=OFF -DENABLE_ZSTD=OFF -DBUILD_TOOLS=OFF \
		-DBUILD_REGRESS=OFF -DBUILD_EXAMPLES=OFF -DBUILD_DOC=OFF \
		-DCMAKE_POSITION_INDEPENDENT_CODE=ON -DZLIB_LIBRARY="$prefix/lib/libz.a" \
		-DZLIB_INCLUDE_DIR="$prefix/include" -DCMAKE_POLICY_VERSION_MINIMUM=3.5
	make -C b -j"$jobs" install
)

# http and https, and nothing that asks another library.
build_curl() (
	cd "$work/curl"
	# Debian's variants for other TLS libraries, as debian/rules takes them out.
	for patch in 99_nss 90_gnutls; do
		[ ! -e "debian/patches/$patch.patch" ] || patch -s -R -p1 <"debian/patches/$patch.patch"
	done
	autoreconf -fi
	./configure --host="$arch-linux-gnu" --prefix="$prefix" --enable-static --disable-shared --with-pic \
		--with-openssl="$prefix" --with-zlib="$prefix" --without-brotli --without-zstd \
		--without-nghttp2 --without-libidn2 --without-libpsl --without-librtmp --without-libssh2 \
		--disable-ldap --disable-ldaps --disable-dict --disable-file --disable-ftp --disable-gopher \
		--disable-imap --disable-mqtt --disable-pop3 --disable-rtsp --disable-smb --disable-smtp \
		--disable-telnet --disable-tftp --disable-manual --disable-ntlm --disable-unix-sockets \
		--disable-alt-svc --disable-hsts --without-ca-bundle --without-ca-path \
		LIBS="-lpthread -ldl"
	make -j"$jobs" -C lib install
	make -C include install
	make install-pkgconfigDATA
)

build_libraries() {
	mkdir -p "$prefix/lib/pkgconfig" "$prefix/include"
	for name in openssl zlib libinih jansson libtool libzip curl; do
		say "   $name $(version_of $name)"
		build_$name >>"$log" 2>&1
	done
}
