# SPDX-License-Identifier: MIT
# A layer is a convenience library, which may use those below it and no sibling:
#     cli -> engine -> {plugin, layout, python, store, config} -> base
noinst_LTLIBRARIES += \
	src/libbase.la src/libpaths.la \
	src/libconfig.la src/libpython.la \
	src/libplugin.la src/liblayout.la src/libstore.la \
	src/libengine.la \
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
	src/base/suggest.c src/base/suggest.h \
	src/base/tree.c src/base/tree.h \
	src/base/trust.c src/base/trust.h \
	src/base/trust_tree.c \
	src/base/utf8.c src/base/utf8.h \
	$(NULL)
src_libbase_la_LIBADD = $(LTDL_LIBS)

# Alone, so that the tests can link the same objects with paths of their own.
src_libpaths_la_SOURCES = src/base/paths.c
src_libpaths_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DVENVCTL_SYSCONFDIR='"$(sysconfdir)/venvctl"' \
	-DVENVCTL_BINDIR='"$(bindir)"' \
	-DVENVCTL_PKGLIBDIR='"$(pkglibdir)"' \
	-DVENVCTL_PKGDATADIR='"$(pkgdatadir)"'

src_libconfig_la_SOURCES = \
	src/config/config.c src/config/config.h \
	src/config/declared.c \
	src/config/files.c \
	src/config/ini.c src/config/ini.h \
	src/config/options.c src/config/options.h \
	src/config/policy.c src/config/policy.h \
	src/config/put.h \
	src/config/variables.c \
	$(NULL)
src_libconfig_la_CFLAGS = $(AM_CFLAGS) $(INIH_CFLAGS)
src_libconfig_la_LIBADD = $(INIH_LIBS)

src_libpython_la_SOURCES = \
	src/python/details.h \
	src/python/discover.c \
	src/python/pyenv.c src/python/pyenv.h \
	src/python/files.c \
	src/python/identify.c \
	src/python/python.h \
	src/python/record.c \
	src/python/run.c \
	src/python/spec.c src/python/spec.h \
	$(NULL)

src_libplugin_la_SOURCES = \
	src/plugin/elfnote.c src/plugin/elfnote.h \
	src/plugin/inspect.c src/plugin/inspect.h \
	src/plugin/loader.c src/plugin/loader.h \
	src/plugin/registry.c src/plugin/registry.h \
	$(NULL)

src_liblayout_la_SOURCES = \
	src/layout/executables.c \
	src/layout/expand.c src/layout/expand.h \
	src/layout/layout.c src/layout/layout.h \
	src/layout/pyvenv_cfg.c src/layout/pyvenv_cfg.h \
	src/layout/quote.c src/layout/quote.h \
	src/layout/scripts.c src/layout/scripts.h \
	src/layout/templates.h \
	$(NULL)
nodist_src_liblayout_la_SOURCES = src/layout/templates.c

activation_scripts = \
	share/scripts/common/Activate.ps1 \
	share/scripts/common/activate.nu \
	share/scripts/common/activate.xsh \
	share/scripts/common/activate_this.py \
	share/scripts/nt/Deactivate.ps1 \
	share/scripts/nt/activate.bat \
	share/scripts/nt/deactivate.bat \
	share/scripts/posix/activate \
	share/scripts/posix/activate.csh \
	share/scripts/posix/activate.fish \
	$(NULL)
EXTRA_DIST += $(activation_scripts) tools/embed.awk
CLEANFILES += src/layout/templates.c

src/layout/templates.c: $(activation_scripts) tools/embed.awk
	$(AM_V_GEN)$(MKDIR_P) src/layout && (cd $(srcdir) && \
		LC_ALL=C $(AWK) -f tools/embed.awk $(activation_scripts)) >$@.tmp && mv $@.tmp $@

src_libstore_la_SOURCES = \
	src/store/archive.c src/store/archive.h \
	src/store/build.c src/store/build.h \
	src/store/compile.c src/store/compile.h \
	src/store/console.c src/store/console.h \
	src/store/csv.c src/store/csv.h \
	src/store/entry.c src/store/entry.h \
	src/store/find.c src/store/find.h \
	src/store/scratch.c src/store/scratch.h \
	src/store/source.c src/store/source.h \
	src/store/tags.c src/store/tags.h \
	src/store/existing.c src/store/existing.h \
	src/store/manifest.c src/store/manifest.h \
	src/store/metadata.c src/store/metadata.h \
	src/store/place.c src/store/place.h \
	src/store/store.c src/store/store.h \
	src/store/version.c src/store/version.h \
	$(NULL)

src_libengine_la_SOURCES = \
	src/engine/builder.c src/engine/builder.h \
	src/engine/child.c \
	src/engine/context.c \
	src/engine/context_json.c \
	src/engine/create.c \
	src/engine/download.c src/engine/download.h \
	src/engine/download_cache.c \
	src/engine/download_policy.c \
	src/engine/engine.h \
	src/engine/examine.c \
	src/engine/files.c \
	src/engine/hooks.c \
	src/engine/host.c \
	src/engine/journal.c src/engine/journal.h \
	src/engine/load.c \
	src/engine/merge.c \
	src/engine/merge_undo.c \
	src/engine/offer.c \
	src/engine/recipe.c \
	src/engine/recover.c \
	src/engine/redirect.c src/engine/redirect.h \
	src/engine/sessions.c \
	src/engine/settings.c src/engine/settings.h \
	src/engine/stages.c \
	src/engine/order.c \
	src/engine/steps.c src/engine/steps.h \
	src/engine/steps_pip.c \
	src/engine/target.c src/engine/target.h \
	src/engine/transaction.c src/engine/transaction.h \
	src/engine/turns.c \
	src/engine/upgrade_deps.c \
	src/engine/wheel.c \
	$(NULL)

LAYERS = \
	src/libengine.la \
	src/libplugin.la src/liblayout.la src/libpython.la src/libstore.la src/libconfig.la \
	src/libbase.la \
	$(NULL)

# The library for embedding programs; the tool links the same objects itself.
lib_LTLIBRARIES += libvenvctl.la
libvenvctl_la_SOURCES =
libvenvctl_la_LIBADD = $(LAYERS) src/libpaths.la
libvenvctl_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info $(LIBVENVCTL_VERSION)
if HAVE_VERSION_SCRIPT
libvenvctl_la_LDFLAGS += -Wl,--version-script=$(srcdir)/src/libvenvctl.map
else
libvenvctl_la_LDFLAGS += -export-symbols-regex '^venv_'
endif
libvenvctl_la_DEPENDENCIES = $(LAYERS) src/libpaths.la src/libvenvctl.map

# The tool without main.c and paths.o: the tests link another one from it.
noinst_LTLIBRARIES += src/libcli.la
src_libcli_la_SOURCES = \
	src/cli/address.c \
	src/cli/args.c \
	src/cli/cache.c \
	src/cli/cli.h \
	src/cli/completions.c \
	src/cli/config.c \
	src/cli/create.c \
	src/cli/exit.c \
	src/cli/hint.c \
	src/cli/json.c \
	src/cli/plugins.c src/cli/plugins.h \
	src/cli/plugins_check.c \
	src/cli/plugins_info.c \
	src/cli/plugins_list.c \
	src/cli/plugins_new.c \
	src/cli/process_state.c src/cli/process_state.h \
	src/cli/trial.c src/cli/trial.h \
	src/cli/trial_host.c src/cli/trial_host.h \
	src/cli/python.c \
	src/cli/signals.c \
	src/cli/ui.c \
	src/cli/usage.c \
	$(NULL)


bin_PROGRAMS += venvctl
venvctl_SOURCES = src/cli/main.c
venvctl_LDADD = src/libcli.la $(LAYERS) src/libpaths.la

pkgconfig_DATA += src/libvenvctl.pc
EXTRA_DIST += src/libvenvctl.map
src_liblayout_la_SOURCES += src/layout/install.c
