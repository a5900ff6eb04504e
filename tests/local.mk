# SPDX-License-Identifier: MIT
# unit   C programs (cmocka), one for each room
# cases  the installed tool (bats), one file a subject
# check  what holds of the sources and the build: rooms, headers, symbols
# The .py tests need nothing but the standard library; all tests speak TAP.
TEST_EXTENSIONS = .bats .py .sh
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/tests/driver.sh
LOG_DRIVER = $(TAP_DRIVER)
BATS_LOG_DRIVER = $(TAP_DRIVER)
PY_LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_DRIVER = $(TAP_DRIVER)
BATS_LOG_COMPILER = $(BATS)
AM_BATS_LOG_FLAGS = --tap
PY_LOG_COMPILER = python3
AM_PY_LOG_FLAGS = -B
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	TEST_PREFIX='$(abs_builddir)/tests/root'; export TEST_PREFIX; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_builddir)'; export top_builddir; \
	CC='$(CC)'; export CC; \
	$(NULL)

# A copy of the tool whose SYSCONFDIR lies in the build tree, with its modules and
# plugins beside it: the same objects, another paths.o.
check_PROGRAMS += tests/root/bin/venvctl
tests_root_bin_venvctl_SOURCES = src/cli/main.c tests/paths.c
tests_root_bin_venvctl_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_PREFIX='"$(abs_builddir)/tests/root"'
tests_root_bin_venvctl_LDADD = src/libcli.la $(ROOMS)

check_DATA = tests/root/installed
tests/root/installed: $(moduleexec_LTLIBRARIES) $(pluginexec_LTLIBRARIES) $(mock_plugins) \
		$(template_files)
	$(AM_V_GEN)$(MKDIR_P) tests/root/lib/venvctl/modules tests/root/lib/venvctl/plugins \
		tests/root/mocks tests/root/etc
	$(AM_V_at)for f in $(moduleexec_LTLIBRARIES:.la=.so); do \
		cp "$${f%/*}/.libs/$${f##*/}" tests/root/lib/venvctl/modules/ || exit 1; done
	$(AM_V_at)for f in $(pluginexec_LTLIBRARIES:.la=.so); do \
		cp "$${f%/*}/.libs/$${f##*/}" tests/root/lib/venvctl/plugins/ || exit 1; done
	$(AM_V_at)for f in $(mock_plugins:.la=.so); do \
		cp "$${f%/*}/.libs/$${f##*/}" tests/root/mocks/ || exit 1; done
	$(AM_V_at)for f in $(template_files); do \
		to=tests/root/share/venvctl/$${f#share/}; \
		$(MKDIR_P) "$${to%/*}" && cp "$(srcdir)/$$f" "$$to" || exit 1; done
	$(AM_V_at)cp "$(srcdir)/m4/venvctl.m4" \
		tests/root/share/venvctl/plugin-template/autotools/venvctl.m4
	$(AM_V_at)touch $@

# All that is installed, for the tests that build against it as others would.
check_DATA += tests/root/kit
tests/root/kit: $(bin_PROGRAMS) $(lib_LTLIBRARIES) $(moduleexec_LTLIBRARIES) \
		$(pluginexec_LTLIBRARIES) $(venvctlinclude_HEADERS) $(pkgconfig_DATA) \
		$(dist_aclocal_DATA) $(template_files)
	$(AM_V_GEN)rm -rf $@ $@.new
	$(AM_V_at)$(MAKE) -s install DESTDIR='$(abs_builddir)/$@.new' >tests/root/kit.said 2>&1 || \
		{ cat tests/root/kit.said; exit 1; }
	$(AM_V_at)mv $@.new $@ && touch $@

clean-local: clean-test-root
clean-test-root:
	-rm -rf tests/root/lib tests/root/etc tests/root/log tests/root/mocks tests/root/share \
		tests/root/installed tests/root/kit tests/root/kit.new tests/root/kit.said

# The judge of versions and markers of the plugin wheels, by itself.
check_PROGRAMS += tests/plugins/pep508
tests_plugins_pep508_SOURCES = tests/plugins/pep508.c \
	plugins/markers.c plugins/markers.h src/util/pep440.c src/util/pep440.h
tests_plugins_pep508_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/src

mock_plugins = \
	tests/plugins/mock-digest.la \
	tests/plugins/mock-fatal.la \
	tests/plugins/mock-faults.la \
	tests/plugins/mock-hooks.la \
	tests/plugins/mock-late.la \
	tests/plugins/mock-needs.la \
	tests/plugins/mock-post.la \
	tests/plugins/mock-seed.la \
	tests/plugins/mock-sizes.la \
	tests/plugins/mock-step.la \
	tests/plugins/mock-undo.la \
	tests/plugins/preinstall.la \
	$(NULL)
check_LTLIBRARIES += $(mock_plugins)
# -rpath makes libtool build what it takes for a module that will be installed.
MOCK_LDFLAGS = -module -avoid-version -shared -no-undefined -rpath /nowhere
tests_plugins_mock_digest_la_SOURCES = tests/plugins/mock-digest.c
tests_plugins_mock_digest_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
tests_plugins_mock_fatal_la_SOURCES = tests/plugins/mock-fatal.c
tests_plugins_mock_fatal_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
tests_plugins_mock_faults_la_SOURCES = tests/plugins/mock-faults.c
tests_plugins_mock_faults_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
tests_plugins_mock_hooks_la_SOURCES = tests/plugins/mock-hooks.c tests/plugins/mock.h
tests_plugins_mock_hooks_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
tests_plugins_mock_late_la_SOURCES = tests/plugins/mock-late.c tests/plugins/mock.h
tests_plugins_mock_late_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
tests_plugins_mock_needs_la_SOURCES = tests/plugins/mock-needs.c
tests_plugins_mock_needs_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
tests_plugins_mock_post_la_SOURCES = tests/plugins/mock-post.c tests/plugins/mock.h
tests_plugins_mock_post_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
tests_plugins_mock_seed_la_SOURCES = tests/plugins/mock-seed.c tests/plugins/mock.h
tests_plugins_mock_seed_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
tests_plugins_mock_sizes_la_SOURCES = tests/plugins/mock-sizes.c tests/plugins/mock.h
tests_plugins_mock_sizes_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
tests_plugins_mock_step_la_SOURCES = tests/plugins/mock-step.c
tests_plugins_mock_step_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
tests_plugins_mock_undo_la_SOURCES = tests/plugins/mock-undo.c
tests_plugins_mock_undo_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)
# The example is what tests install wheels with.
tests_plugins_preinstall_la_SOURCES = examples/plugins/preinstall.c
tests_plugins_preinstall_la_LDFLAGS = $(AM_LDFLAGS) $(MOCK_LDFLAGS)

# One a room, linked with that room and those below it alone; the room environment has a second
# one, test-check, for what is wrong with an environment.
unit_tests = tests/unit/test-util tests/unit/test-fs tests/unit/test-load \
	tests/unit/test-config tests/unit/test-python tests/unit/test-layout tests/unit/test-store \
	tests/unit/test-transaction tests/unit/test-environment tests/unit/test-check \
	tests/unit/test-steps
UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_UTIL = src/libutil.la $(CMOCKA_LIBS)
UNIT_FS = src/libfs.la $(UNIT_UTIL)
UNIT_LOAD = src/libload.la $(UNIT_FS)
UNIT_ENVIRONMENT = src/libenvironment.la src/libtransaction.la src/liblayout.la src/libstore.la \
	src/libpython.la src/libload.la src/libpaths.la $(UNIT_FS)

tests_unit_test_util_SOURCES = tests/unit/test-util.c tests/unit/unit.h
tests_unit_test_util_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_util_LDADD = $(UNIT_UTIL)

tests_unit_test_fs_SOURCES = tests/unit/test-fs.c tests/unit/unit.h tests/unit/scratch.h
tests_unit_test_fs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_fs_LDADD = $(UNIT_FS)

tests_unit_test_load_SOURCES = tests/unit/test-load.c tests/unit/unit.h tests/unit/scratch.h
tests_unit_test_load_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_load_LDADD = src/libpaths.la $(UNIT_LOAD)

tests_unit_test_config_SOURCES = tests/unit/test-config.c tests/unit/unit.h
tests_unit_test_config_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_config_LDADD = src/libconfig.la src/libpaths.la $(UNIT_LOAD)

tests_unit_test_python_SOURCES = tests/unit/test-python.c tests/unit/unit.h
tests_unit_test_python_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_python_LDADD = src/libpython.la src/libpaths.la $(UNIT_LOAD)

tests_unit_test_layout_SOURCES = tests/unit/test-layout.c tests/unit/unit.h
tests_unit_test_layout_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_layout_LDADD = src/liblayout.la $(UNIT_LOAD)

# With the modules as they are installed for the tests.
tests_unit_test_store_SOURCES = tests/unit/test-store.c tests/unit/unit.h tests/unit/zip.h tests/paths.c
tests_unit_test_store_CPPFLAGS = $(tests_root_bin_venvctl_CPPFLAGS)
tests_unit_test_store_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_LDADD = src/libstore.la $(UNIT_LOAD)

tests_unit_test_transaction_SOURCES = tests/unit/test-transaction.c tests/unit/scratch.h \
	tests/unit/unit.h
tests_unit_test_transaction_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_transaction_LDADD = src/libtransaction.la src/liblayout.la $(UNIT_LOAD)

tests_unit_test_environment_SOURCES = tests/unit/test-environment.c tests/unit/environment.h \
	tests/unit/scratch.h tests/unit/unit.h
tests_unit_test_environment_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_environment_LDADD = $(UNIT_ENVIRONMENT)

tests_unit_test_check_SOURCES = tests/unit/test-check.c tests/unit/environment.h \
	tests/unit/scratch.h tests/unit/unit.h
tests_unit_test_check_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_check_LDADD = $(UNIT_ENVIRONMENT)

# With the plugins and mocks as they are installed for the tests.
tests_unit_test_steps_SOURCES = tests/unit/test-steps.c tests/unit/scratch.h tests/unit/unit.h \
	tests/paths.c
tests_unit_test_steps_CPPFLAGS = $(tests_root_bin_venvctl_CPPFLAGS)
tests_unit_test_steps_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_steps_LDADD = src/libsteps.la src/libplugin.la src/libconfig.la $(UNIT_LOAD)

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
endif

# The fuzz targets over their kept corpus; tests/fuzz/run.sh has them with libFuzzer.
if MODULE_FETCH
if MODULE_WHEEL
check_PROGRAMS += tests/fuzz/replay
endif
endif
tests_fuzz_replay_SOURCES = \
	tests/fuzz/config.c \
	tests/fuzz/console.c \
	tests/fuzz/elf.c \
	tests/fuzz/index.c \
	tests/fuzz/ini.c \
	tests/fuzz/journal.c \
	tests/fuzz/journal_tree.c \
	tests/fuzz/metadata.c \
	tests/fuzz/pep440.c \
	tests/fuzz/pyvenv_cfg.c \
	tests/fuzz/quote.c \
	tests/fuzz/record.c \
	tests/fuzz/replay.c \
	tests/fuzz/requirements.c \
	tests/fuzz/spec.c \
	tests/fuzz/templates.c \
	tests/fuzz/url.c \
	tests/fuzz/wheel.c \
	tests/fuzz/fuzz.h tests/fuzz/readers.h tests/unit/zip.h tests/paths.c \
	modules/fetch_url.c modules/wheel.c src/util/shown.h \
	plugins/installer.c plugins/markers.c plugins/requirements.c plugins/requires.c plugins/wheels.c \
	$(NULL)
tests_fuzz_replay_CPPFLAGS = $(tests_root_bin_venvctl_CPPFLAGS) -D_GNU_SOURCE
tests_fuzz_replay_CFLAGS = $(AM_CFLAGS) $(FETCH_CFLAGS) $(LIBZIP_CFLAGS)
tests_fuzz_replay_LDADD = src/libplugin.la src/libtransaction.la src/liblayout.la src/libstore.la src/libpython.la \
	src/libconfig.la src/libload.la src/libfs.la src/libutil.la $(FETCH_LIBS) $(LIBZIP_LIBS)
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/run.sh

# They begin in this order: the longest first, so that no core is idle at the end.
dist_check_SCRIPTS += \
	tests/cases/seeding.bats \
	tests/cases/moved.bats \
	tests/cases/links.bats \
	tests/cases/relocatable.bats \
	tests/cases/redirect.bats \
	tests/cases/shared.bats \
	tests/fault/sweep.py \
	tests/activate/locales.py \
	tests/store/pip.py \
	tests/store/shared-bundled.py \
	tests/store/shared.py \
	tests/store/compile.py \
	tests/net/pips.py \
	tests/matrix/matrix.py \
	tests/fault/memory.py \
	tests/activate/table.py \
	tests/cases/plugins-check.bats \
	tests/fault/plugins.py \
	tests/cases/transaction.bats \
	tests/activate/edges.py \
	tests/cases/kit.bats \
	tests/matrix/facts.py \
	tests/activate/posix.py \
	tests/activate/relocatable.py \
	tests/activate/virtualenv.py \
	tests/net/downloads.py \
	tests/cases/supervisor.bats \
	tests/cases/wheels.bats \
	tests/python/virtualenv_plugin.py \
	tests/python/envbuilder.py \
	tests/python/wheel.py \
	tests/python/typed.py \
	tests/python/test_venv.py \
	tests/python/documentation.py \
	tests/net/nginx.py \
	tests/net/secrets.py \
	tests/net/kept.py \
	tests/net/messages.py \
	tests/net/promises.py \
	tests/net/alike.py \
	tests/cases/examples.bats \
	tests/cases/whose.bats \
	tests/cases/plugins.bats \
	tests/store/wheels.py \
	tests/store/parallel.py \
	tests/cases/compat.bats \
	tests/cases/upgrade-deps.bats \
	tests/cases/upgrade.bats \
	tests/cases/run.bats \
	tests/cases/requirements.bats \
	tests/cases/no-compile.bats \
	tests/cases/store-index.bats \
	tests/cases/pack.bats \
	tests/cases/activators.bats \
	tests/cases/target.bats \
	tests/net/ezsetup.py \
	tests/cases/policy.bats \
	tests/cases/embed.bats \
	tests/cases/sizes.bats \
	tests/cases/above.bats \
	tests/cases/life.bats \
	tests/life/damages.py \
	tests/cases/named.bats \
	tests/cases/readme.bats \
	tests/cases/help.bats \
	tests/cases/others.bats \
	tests/cases/said.bats \
	tests/cases/truth.bats \
	tests/cases/full.bats \
	tests/cases/python.bats \
	tests/cases/recipe.bats \
	tests/cases/tools.bats \
	tests/cases/tarball.bats \
	tests/cases/clients.bats \
	tests/cases/site-page.bats \
	tests/cases/shared-host.bats \
	tests/net/site.py \
	tests/fault/races.py \
	tests/fault/many.py \
	tests/bench/smoke.py \
	tests/cases/many.bats \
	tests/cases/layout.bats \
	tests/cases/left-out.bats \
	tests/matrix/scripts.py \
	tests/cases/awkward.bats \
	tests/cases/config.bats \
	tests/cases/config-check.bats \
	tests/cases/abi.bats \
	tests/cases/services.bats \
	tests/cases/packages.bats \
	tests/cases/trust.bats \
	tests/check/musl.sh \
	tests/net/certificates.py \
	tests/net/proxies.py \
	tests/cases/cli.bats \
	tests/cases/files.bats \
	tests/cases/output.bats \
	tests/check/headers.sh \
	tests/check/layers.sh \
	tests/store/pep508.py \
	tests/cases/script.bats \
	tests/cases/cache.bats \
	tests/cases/site-store.bats \
	tests/cases/plugins-info.bats \
	tests/cases/counts.bats \
	tests/check/abi.sh \
	tests/activate/cmd.py \
	tests/check/symbols.sh \
	$(NULL)
TESTS += $(dist_check_SCRIPTS)
if MODULE_FETCH
if MODULE_WHEEL
TESTS += tests/fuzz/replay
endif
endif
if HAVE_CMOCKA
TESTS += $(unit_tests)
endif

# What takes long and changes rarely. These are tests as all others.
release_tests = \
	tests/release/chroot.sh \
	tests/release/snippets.sh \
	tests/release/deb.sh \
	tests/release/ansible.sh \
	tests/release/uv.sh \
	tests/release/sweep.sh \
	tests/release/races.sh \
	tests/release/many.sh \
	tests/release/fuzz.sh \
	tests/release/locales.sh \
	tests/release/activation.sh \
	tests/release/nushell.sh \
	tests/release/shared.sh \
	tests/release/slow.sh \
	tests/release/threads.sh \
	tests/release/tools.sh \
	tests/release/virtualenv.sh \
	tests/release/wheel.sh \
	tests/release/clients.py \
	tests/release/docker.sh \
	tests/release/slurm.sh \
	tests/release/damages.sh \
	tests/release/matrix.sh \
	$(NULL)
EXTRA_DIST += $(release_tests) tests/release/bare.sh tests/release/slowfs.c
.PHONY: check-release
check-release:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(release_tests)'

EXTRA_DIST += \
	examples/README.md \
	examples/embed/embed.c \
	examples/embed/embed.py \
	examples/plugins/hello-cpp.cc \
	examples/plugins/hello-go/go.mod \
	examples/plugins/hello-go/hello.go \
	examples/plugins/hello-go/plugin.c \
	examples/plugins/hello-rust.rs \
	examples/plugins/ca-bundle.c \
	examples/plugins/git-hook.c \
	examples/plugins/jupyter-kernel.c \
	examples/plugins/pinned-wheels.c \
	examples/plugins/pip-conf.c \
	examples/plugins/relative-python.c \
	examples/plugins/site-activate.c \
	tests/abi/anchor.c \
	tests/abi/mock-future.c \
	tests/abi/newer-host.c \
	tests/abi/offsets.c \
	tests/abi/old/README.md \
	tests/abi/old/1.0-i686/mock-hooks.so \
	tests/abi/old/1.0-x86_64/mock-hooks.so \
	tests/abi/library-0.abi \
	tests/abi/plugin-1.abi \
	tests/bench/bench.py \
	tests/bench/cold.py \
	tests/bench/peers.py \
	tests/bench/picture.py \
	tests/bench/scenarios.py \
	tests/bench/tools.py \
	tests/bench/turns.py \
	tests/bench/floor.c \
	tests/bench/peak.c \
	tests/activate/names.py \
	tests/activate/nushell.py \
	tests/fault/late.c \
	tests/fault/starve.c \
	tests/fault/compares.c \
	tests/embed/again.c \
	tests/embed/all.c \
	tests/embed/cancel.c \
	tests/embed/early.c \
	tests/embed/extended.c \
	tests/embed/installer.c \
	tests/embed/methods.c \
	tests/embed/mock-gate.c \
	tests/embed/mock-nested.c \
	tests/embed/mock-talk.c \
	tests/embed/mock-turns.c \
	tests/embed/nested.c \
	tests/embed/progress.c \
	tests/embed/threads.c \
	tests/embed/turns.c \
	tests/activate/shells.py \
	tests/activate/terminal.py \
	tests/cases/budgets \
	tests/cases/common.bash \
	tests/cases/complete.zsh \
	tests/cases/wheel.bash \
	tests/driver.sh \
	tests/plugins/go-deeds.go \
	tests/plugins/mock-broken.c \
	tests/matrix/interpreters.py \
	tests/store/wheelmaker.py \
	tests/net/case.py \
	tests/net/server.py \
	tests/python/builder_cases.py \
	tests/python/index.py \
	$(NULL)

# Side by side with the peers; figures, not a test.
BENCH_FLAGS =
CLEANFILES += bench.json bench.svg
bench: all tests/root/bin/venvctl tests/root/installed
	TEST_PREFIX='$(abs_builddir)/tests/root' CC='$(CC)' \
		python3 -B $(srcdir)/tests/bench/bench.py --json bench.json --svg bench.svg $(BENCH_FLAGS)
