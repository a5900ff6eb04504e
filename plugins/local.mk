# SPDX-License-Identifier: MIT
# The shipped plugins: built as a third party would build them, from the header alone.
PLUGIN_CPPFLAGS = -I$(top_srcdir)/include -D_GNU_SOURCE
PLUGIN_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -no-undefined \
	-export-symbols-regex '_LTX_venv_plugin_v1$$'

pluginexec_LTLIBRARIES += plugins/ensurepip.la
plugins_ensurepip_la_SOURCES = plugins/ensurepip.c
plugins_ensurepip_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_ensurepip_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# Two that fetch a script and run it.
pluginexec_LTLIBRARIES += plugins/getpip.la plugins/ezsetup.la
plugins_getpip_la_SOURCES = plugins/getpip.c plugins/installer.c plugins/installer.h
plugins_getpip_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_getpip_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_ezsetup_la_SOURCES = plugins/ezsetup.c plugins/installer.c plugins/installer.h
plugins_ezsetup_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_ezsetup_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# By the environment's own pip, or uv.
pluginexec_LTLIBRARIES += plugins/requirements.la
plugins_requirements_la_SOURCES = plugins/install_requirements.c plugins/installer.c plugins/installer.h
plugins_requirements_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_requirements_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# Those of the site.
pluginexec_LTLIBRARIES += plugins/files.la plugins/script.la
plugins_files_la_SOURCES = plugins/files.c plugins/installer.c plugins/installer.h
plugins_files_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_files_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_script_la_SOURCES = plugins/script.c plugins/installer.c plugins/installer.h
plugins_script_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_script_la_LDFLAGS = $(PLUGIN_LDFLAGS)
pluginexec_LTLIBRARIES += plugins/wheels.la
plugins_wheels_la_SOURCES = plugins/wheels.c plugins/wheels.h plugins/installer.c plugins/installer.h \
	plugins/markers.c plugins/markers.h plugins/requirements.c plugins/requires.c \
	src/util/pep440.c src/util/pep440.h
plugins_wheels_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/src
plugins_wheels_la_LDFLAGS = $(PLUGIN_LDFLAGS)
