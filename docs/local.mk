# SPDX-License-Identifier: MIT
# Manual pages, from scdoc; the generated ones are in release tarballs.
man_pages = \
	docs/man/venvctl.1 \
	docs/man/venvctl-cache.1 \
	docs/man/venvctl-check.1 \
	docs/man/venvctl-config.1 \
	docs/man/venvctl-create.1 \
	docs/man/venvctl-info.1 \
	docs/man/venvctl-list.1 \
	docs/man/venvctl-plugins.1 \
	docs/man/venvctl-python.1 \
	docs/man/venvctl-remove.1 \
	docs/man/venvctl-run.1 \
	docs/man/venvctl-upgrade.1 \
	docs/man/venvctl.ini.5 \
	docs/man/venvctl-activation.7 \
	docs/man/venvctl-clients.7 \
	docs/man/venvctl-installers.7 \
	docs/man/venvctl-site.7 \
	docs/man/venvctl-plugin.3 \
	docs/man/libvenvctl.3 \
	$(NULL)

dist_man_MANS += $(man_pages)
EXTRA_DIST += $(man_pages:=.scd) docs/session.svg docs/bench.json docs/bench.svg
MAINTAINERCLEANFILES = $(man_pages)
SUFFIXES = .1 .1.scd .3 .3.scd .5 .5.scd .7 .7.scd

# Nothing of the build or its day goes in: the same sources make the same pages.
SCDOC_RUN = $(MKDIR_P) docs/man && SOURCE_DATE_EPOCH=1767225600 $(SCDOC)
.1.scd.1:
	$(AM_V_GEN)$(SCDOC_RUN) <$< >$@.tmp && mv $@.tmp $@
.3.scd.3:
	$(AM_V_GEN)$(SCDOC_RUN) <$< >$@.tmp && mv $@.tmp $@
.5.scd.5:
	$(AM_V_GEN)$(SCDOC_RUN) <$< >$@.tmp && mv $@.tmp $@
.7.scd.7:
	$(AM_V_GEN)$(SCDOC_RUN) <$< >$@.tmp && mv $@.tmp $@
