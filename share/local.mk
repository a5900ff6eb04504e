# SPDX-License-Identifier: MIT
# What third parties build plugins with.
pkgconfig_DATA += share/venvctl-plugin.pc
aclocaldir = $(datadir)/aclocal
dist_aclocal_DATA = m4/venvctl.m4

# Completions, from the tool's own tables; not when it was built for another machine.
if !CROSS_COMPILING
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
nodist_bashcomp_DATA = share/completions/venvctl
nodist_zshcomp_DATA = share/completions/_venvctl
nodist_fishcomp_DATA = share/completions/venvctl.fish
CLEANFILES += $(nodist_bashcomp_DATA) $(nodist_zshcomp_DATA) $(nodist_fishcomp_DATA)
COMPLETE = $(AM_V_GEN)$(MKDIR_P) share/completions && ./venvctl$(EXEEXT) completions

share/completions/venvctl: venvctl$(EXEEXT)
	$(COMPLETE) bash >$@.tmp && mv $@.tmp $@
share/completions/_venvctl: venvctl$(EXEEXT)
	$(COMPLETE) zsh >$@.tmp && mv $@.tmp $@
share/completions/venvctl.fish: venvctl$(EXEEXT)
	$(COMPLETE) fish >$@.tmp && mv $@.tmp $@
endif

# What `venvctl plugins new` copies.
templatedir = $(pkgdatadir)/plugin-template
template_files = \
	share/plugin-template/autotools/Makefile.am \
	share/plugin-template/autotools/configure.ac \
	share/plugin-template/autotools/gitignore \
	share/plugin-template/common/NAME.c \
	share/plugin-template/common/README.md \
	share/plugin-template/common/ci.yml \
	share/plugin-template/common/test.sh \
	share/plugin-template/make/Makefile \
	share/plugin-template/make/gitignore \
	share/plugin-template/meson/gitignore \
	share/plugin-template/meson/meson.build \
	$(NULL)
EXTRA_DIST += $(template_files)

install-data-local: install-template
install-template:
	@for f in $(template_files); do \
		to="$(DESTDIR)$(templatedir)/$${f#share/plugin-template/}"; \
		$(MKDIR_P) "$${to%/*}" && $(INSTALL_DATA) "$(srcdir)/$$f" "$$to" || exit 1; \
	done
	@$(INSTALL_DATA) "$(srcdir)/m4/venvctl.m4" "$(DESTDIR)$(templatedir)/autotools/venvctl.m4"
uninstall-local: uninstall-template
uninstall-template:
	-rm -rf "$(DESTDIR)$(templatedir)"
