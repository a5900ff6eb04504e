# SPDX-License-Identifier: MIT
# A room is a convenience library, which may use those below it and no sibling:
#     cli, builder, host, {steps, environment}, transaction,
#     {plugin, layout, python, store, config}, load, fs, util
noinst_LTLIBRARIES += \
	src/libutil.la src/libfs.la src/libload.la src/libpaths.la \
	src/libconfig.la src/libpython.la \
	src/libplugin.la src/liblayout.la src/libstore.la \
	src/libtransaction.la src/libenvironment.la src/libsteps.la src/libhost.la src/libbuilder.la \
	$(NULL)

src_libutil_la_SOURCES = \
	src/util/arena.c \
	src/util/environ.c \
	src/util/error.c \
	src/util/index.c \
	src/util/log.c \
	src/util/pep440.c src/util/pep440.h \
	src/util/shown.c src/util/shown.h \
	src/util/str.c \
	src/util/suggest.c \
	src/util/utf8.c \
	src/util/util.h \
	$(NULL)

src_libfs_la_SOURCES = \
	src/fs/accounts.c \
	src/fs/cache.c \
	src/fs/file.c \
	src/fs/hashbang.c \
	src/fs/lock.c \
	src/fs/path.c \
	src/fs/process.c \
	src/fs/remove.c \
	src/fs/stamp.c \
	src/fs/tree.c \
	src/fs/trust.c src/fs/trust_private.h \
	src/fs/trust_judge.c \
	src/fs/fs.h \
	$(NULL)

src_libload_la_SOURCES = \
	src/load/dso.c \
	src/load/elf.c \
	src/load/module.c \
	src/load/self.c \
	src/load/load.h \
	$(NULL)
src_libload_la_LIBADD = $(LTDL_LIBS)

# Alone, so that the tests can link the same objects with paths of their own.
src_libpaths_la_SOURCES = src/load/paths.c
src_libpaths_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DVENVCTL_SYSCONFDIR='"$(sysconfdir)/venvctl"' \
	-DVENVCTL_BINDIR='"$(bindir)"' \
	-DVENVCTL_PKGLIBDIR='"$(pkglibdir)"' \
	-DVENVCTL_PKGDATADIR='"$(pkgdatadir)"'

src_libconfig_la_SOURCES = \
	src/config/append.c \
	src/config/config.c src/config/config.h \
	src/config/declared.c \
	src/config/files.c \
	src/config/hosts.c \
	src/config/ini.c src/config/ini.h \
	src/config/options.c \
	src/config/policy.c \
	src/config/shown.c \
	src/config/values.c \
	src/config/variables.c \
	src/config/put.h \
	$(NULL)
src_libconfig_la_CFLAGS = $(AM_CFLAGS) $(INIH_CFLAGS)
src_libconfig_la_LIBADD = $(INIH_LIBS)

src_libpython_la_SOURCES = \
	src/python/discover.c \
	src/python/files.c \
	src/python/identify.c \
	src/python/pyenv.c src/python/pyenv.h \
	src/python/record.c \
	src/python/run.c \
	src/python/source.c src/python/source.h \
	src/python/spec.c src/python/spec.h \
	src/python/tk.c \
	src/python/details.h \
	src/python/python.h \
	$(NULL)

src_libplugin_la_SOURCES = \
	src/plugin/elfnote.c \
	src/plugin/inspect.c \
	src/plugin/loader.c \
	src/plugin/registry.c \
	src/plugin/plugin.h \
	$(NULL)

src_liblayout_la_SOURCES = \
	src/layout/executables.c \
	src/layout/expand.c src/layout/expand.h \
	src/layout/install.c \
	src/layout/layout.c src/layout/layout.h \
	src/layout/pyvenv_cfg.c \
	src/layout/quote.c src/layout/quote.h \
	src/layout/scripts.c \
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
	src/store/entry.c src/store/entry.h src/store/entry_private.h \
	src/store/entry_make.c \
	src/store/entry_read.c \
	src/store/existing.c src/store/existing.h \
	src/store/find.c \
	src/store/index.c \
	src/store/manifest.c src/store/manifest.h \
	src/store/memory.c src/store/memory.h \
	src/store/metadata.c src/store/metadata.h \
	src/store/pack.c src/store/pack.h \
	src/store/place.c src/store/place.h \
	src/store/scratch.c src/store/scratch.h \
	src/store/shared.c src/store/shared.h \
	src/store/site.c src/store/site.h \
	src/store/source.c src/store/source.h \
	src/store/store.c src/store/store.h \
	src/store/tags.c src/store/tags.h \
	$(NULL)

src_libtransaction_la_SOURCES = \
	src/transaction/journal.c src/transaction/journal.h \
	src/transaction/merge.c \
	src/transaction/merge_plan.c \
	src/transaction/merge_undo.c \
	src/transaction/open.c \
	src/transaction/removal.c \
	src/transaction/redirect.c src/transaction/redirect.h \
	src/transaction/save.c \
	src/transaction/stage.c \
	src/transaction/target.c \
	src/transaction/transaction.c src/transaction/transaction.h \
	src/transaction/undo.c \
	src/transaction/private.h \
	$(NULL)

src_libenvironment_la_SOURCES = \
	src/environment/check.c src/environment/check.h \
	src/environment/check_bin.c \
	src/environment/check_pip.c \
	src/environment/find.c \
	src/environment/place.c \
	src/environment/read.c \
	src/environment/environment.h \
	$(NULL)

src_libsteps_la_SOURCES = \
	src/steps/order.c \
	src/steps/pip.c \
	src/steps/select.c \
	src/steps/settings.c \
	src/steps/steps.h \
	$(NULL)

src_libhost_la_SOURCES = \
	src/host/context.c \
	src/host/context_json.c \
	src/host/digest.c \
	src/host/download.c src/host/download.h \
	src/host/download_cache.c \
	src/host/download_policy.c \
	src/host/files.c \
	src/host/pip.c \
	src/host/program.c \
	src/host/keys.c \
	src/host/network.c \
	src/host/output.c src/host/output.h \
	src/host/promise.c \
	src/host/run.c \
	src/host/services.c \
	src/host/sessions.c \
	src/host/wheel.c \
	src/host/host.h \
	src/host/session.h \
	$(NULL)

src_libbuilder_la_SOURCES = \
	src/builder/above.c \
	src/builder/builder.c src/builder/builder.h \
	src/builder/create.c \
	src/builder/examine.c \
	src/builder/follow.c \
	src/builder/hand.c \
	src/builder/hooks.c \
	src/builder/libvenvctl.c \
	src/builder/mend.c \
	src/builder/methods.c \
	src/builder/leaving.c \
	src/builder/old.c \
	src/builder/program.c \
	src/builder/recipe.c \
	src/builder/redirect.c \
	src/builder/setup_pip.c \
	src/builder/stages.c \
	src/builder/twin.c \
	src/builder/upgrade_deps.c \
	src/builder/private.h \
	$(NULL)

ROOMS = \
	src/libbuilder.la src/libhost.la src/libsteps.la src/libenvironment.la \
	src/libtransaction.la \
	src/libplugin.la src/liblayout.la src/libpython.la src/libstore.la src/libconfig.la \
	src/libload.la src/libfs.la src/libutil.la \
	$(NULL)

# The library for embedding programs; the tool links the same objects itself.
lib_LTLIBRARIES += libvenvctl.la
libvenvctl_la_SOURCES =
libvenvctl_la_LIBADD = $(ROOMS) src/libpaths.la
libvenvctl_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info $(LIBVENVCTL_VERSION)
if HAVE_VERSION_SCRIPT
libvenvctl_la_LDFLAGS += -Wl,--version-script=$(srcdir)/src/libvenvctl.map
else
libvenvctl_la_LDFLAGS += -export-symbols-regex '^venv_'
endif
libvenvctl_la_DEPENDENCIES = $(ROOMS) src/libpaths.la src/libvenvctl.map

# The tool without main.c and paths.o: the tests link another one from it.
noinst_LTLIBRARIES += src/libcli.la
src_libcli_la_SOURCES = \
	src/cli/args.c \
	src/cli/batch.c src/cli/batch.h \
	src/cli/cache.c src/cli/cache.h \
	src/cli/cache_size.c \
	src/cli/check.c \
	src/cli/info.c src/cli/info.h \
	src/cli/list.c \
	src/cli/look.c src/cli/look.h \
	src/cli/remove.c \
	src/cli/cli.h \
	src/cli/complete.c \
	src/cli/completions.c src/cli/completions.h \
	src/cli/completions_bash.c \
	src/cli/completions_fish.c \
	src/cli/completions_zsh.c \
	src/cli/config.c \
	src/cli/config_access.c \
	src/cli/config_check.c \
	src/cli/config_network.c \
	src/cli/config_plugins.c \
	src/cli/config_values.c \
	src/cli/config_cmd.h \
	src/cli/create.c \
	src/cli/create.h \
	src/cli/create_report.c \
	src/cli/exit.c \
	src/cli/guard.c src/cli/guard.h \
	src/cli/hint.c \
	src/cli/installed.c \
	src/cli/jobs.c src/cli/jobs.h \
	src/cli/json.c \
	src/cli/others.c src/cli/others.h \
	src/cli/plugins.c src/cli/plugins.h \
	src/cli/plugins_check.c src/cli/plugins_check.h \
	src/cli/check_trials.c \
	src/cli/plugins_exports.c \
	src/cli/plugins_info.c \
	src/cli/plugins_list.c \
	src/cli/plugins_new.c \
	src/cli/process_state.c src/cli/process_state.h \
	src/cli/trial.c src/cli/trial.h \
	src/cli/trial_child.c src/cli/trial_child.h \
	src/cli/trial_apart.c src/cli/trial_apart.h \
	src/cli/trial_files.c src/cli/trial_files.h \
	src/cli/trial_host.c src/cli/trial_host.h \
	src/cli/trial_watch.c src/cli/trial_watch.h \
	src/cli/python.c \
	src/cli/run.c \
	src/cli/signals.c \
	src/cli/supervisor.c src/cli/supervisor.h \
	src/cli/supervisor_blame.c src/cli/supervisor_blame.h \
	src/cli/supervisor_child.c src/cli/supervisor_child.h \
	src/cli/supervisor_messages.c src/cli/supervisor_messages.h \
	src/cli/targets.c \
	src/cli/ui.c src/cli/ui.h \
	src/cli/ui_progress.c \
	src/cli/ui_results.c \
	src/cli/usage.c src/cli/warm.c \
	$(NULL)


bin_PROGRAMS += venvctl
venvctl_SOURCES = src/cli/main.c
venvctl_LDADD = src/libcli.la $(ROOMS) src/libpaths.la

pkgconfig_DATA += src/libvenvctl.pc
EXTRA_DIST += src/libvenvctl.map
