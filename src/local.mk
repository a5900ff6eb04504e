# SPDX-License-Identifier: MIT
# A layer is a convenience library, which may use those below it and no sibling:
#     cli -> engine -> {plugin, layout, python, store, config} -> base
noinst_LTLIBRARIES += \
	src/libbase.la src/libpaths.la \
	src/libconfig.la src/libpython.la \
	$(NULL)

src_libbase_la_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/cache.c src/base/cache.h \
	src/base/dso.c src/base/dso.h \
	src/base/elf.c src/base/elf.h \
	src/base/environ.c src/base/environ.h \
	src/base/error.c src/base/error.h \
	src/base/file.c src/base/file.h \
	src/base/hash.h \
	src/base/lock.c src/base/lock.h \
	src/base/log.c src/base/log.h \
	src/base/macro.h \
	src/base/module.c src/base/module.h \
	src/base/path.c src/base/path.h \
	src/base/paths.h \
	src/base/process.c src/base/process.h \
	src/base/self.c \
	src/base/stamp.c src/base/stamp.h \
	src/base/str.c src/base/str.h \
	src/base/tree.c src/base/tree.h \
	src/base/trust.c src/base/trust.h \
	src/base/utf8.c src/base/utf8.h \
	$(NULL)
src_libbase_la_LIBADD = $(LTDL_LIBS)

# Alone, so that the tests can link the same objects with paths of their own.
src_libpaths_la_SOURCES = src/base/paths.c

src_libconfig_la_SOURCES = \
	src/config/config.c src/config/config.h \
	src/config/files.c \
	src/config/ini.c src/config/ini.h \
	src/config/options.c src/config/options.h \
	src/config/policy.c src/config/policy.h \
	src/config/put.h \
	src/config/suggest.c src/config/suggest.h \
	src/config/variables.c \
	$(NULL)
src_libconfig_la_CFLAGS = $(AM_CFLAGS) $(INIH_CFLAGS)
src_libconfig_la_LIBADD = $(INIH_LIBS)

src_libpython_la_SOURCES = \
	src/python/details.h \
	src/python/discover.c \
	src/python/files.c \
	src/python/identify.c \
	src/python/python.h \
	src/python/record.c \
	src/python/run.c \
	src/python/spec.c src/python/spec.h \
	$(NULL)

LAYERS = \
	src/libconfig.la src/libpython.la \
	src/libbase.la \
	$(NULL)

bin_PROGRAMS += venvctl
venvctl_SOURCES = src/cli/main.c
venvctl_LDADD = $(LAYERS) src/libpaths.la

pkgconfig_DATA += src/libvenvctl.pc
EXTRA_DIST += src/libvenvctl.map
