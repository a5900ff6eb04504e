# SPDX-License-Identifier: MIT
# Modules: libraries that most runs do not need, loaded when they are first needed.
# One function a module is seen from outside, also of what is linked in statically.  It stays
# loaded: a library in it (OpenSSL) may have left functions to be called at exit.
MODULE_LDFLAGS = $(AM_LDFLAGS) $(VENVCTL_MODULE_LDFLAGS) -module -avoid-version -shared \
	-no-undefined
if HAVE_VERSION_SCRIPT
MODULE_LDFLAGS += -Wl,--version-script=$(srcdir)/modules/module.map
endif
EXTRA_DIST += modules/module.map

if MODULE_JSON
moduleexec_LTLIBRARIES += modules/json.la
endif
modules_json_la_SOURCES = modules/json.c modules/json.h
modules_json_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
modules_json_la_LDFLAGS = $(MODULE_LDFLAGS)
modules_json_la_LIBADD = $(JANSSON_LIBS)

if MODULE_FETCH
moduleexec_LTLIBRARIES += modules/fetch.la
endif
modules_fetch_la_SOURCES = \
	modules/fetch.c modules/fetch.h \
	modules/fetch_transfer.c modules/fetch_transfer.h \
	modules/fetch_url.c modules/fetch_url.h \
	modules/sha256.h \
	src/util/shown.c src/util/shown.h \
	$(NULL)
modules_fetch_la_CFLAGS = $(AM_CFLAGS) $(FETCH_CFLAGS)
modules_fetch_la_LDFLAGS = $(MODULE_LDFLAGS)
modules_fetch_la_LIBADD = $(FETCH_LIBS)

if MODULE_DIGEST
moduleexec_LTLIBRARIES += modules/digest.la
endif
modules_digest_la_SOURCES = modules/digest.c modules/digest.h
modules_digest_la_CFLAGS = $(AM_CFLAGS) $(SHA256_CFLAGS)
modules_digest_la_LDFLAGS = $(MODULE_LDFLAGS)
modules_digest_la_LIBADD = $(SHA256_LIBS)

if MODULE_WHEEL
moduleexec_LTLIBRARIES += modules/wheel.la
endif
modules_wheel_la_SOURCES = modules/wheel.c modules/wheel.h
modules_wheel_la_CFLAGS = $(AM_CFLAGS) $(LIBZIP_CFLAGS)
modules_wheel_la_LDFLAGS = $(MODULE_LDFLAGS)
modules_wheel_la_LIBADD = $(LIBZIP_LIBS)
