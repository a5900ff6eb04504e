/* SPDX-License-Identifier: MIT */
/*
 * offsets.c - where each member of ABI 1.0 is, in machines of 64 and of 32 bits
 *
 * Compiled, never run.  A line of this file never changes: what is appended to a
 * structure gets a line of its own, with the sizes as they are then.  The sizes are those of
 * the newest minor version, the offsets those of all.
 */
#include <venvctl/plugin.h>

#if UINTPTR_MAX == UINT64_MAX
#define PICK(lp64, ilp32) (lp64)
#else
#define PICK(lp64, ilp32) (ilp32)
#endif

#define AT(type, member, lp64, ilp32)                                      \
	_Static_assert(offsetof(struct type, member) == PICK(lp64, ilp32), \
		       #type "." #member " is not where it was in ABI 1.0")
#define SIZE(type, lp64, ilp32)                                  \
	_Static_assert(sizeof(struct type) == PICK(lp64, ilp32), \
		       "struct " #type                           \
		       " has another size: if it grew at its end, say so here")

AT(venv_option, name, 0, 0);
AT(venv_option, type, 8, 4);
AT(venv_option, flags, 12, 8);
AT(venv_option, default_value, 16, 12);
AT(venv_option, help, 24, 16);
AT(venv_option, metavar, 32, 20);
AT(venv_option, choices, 40, 24);
SIZE(venv_option, 48, 28);

AT(venv_context, struct_size, 0, 0);
AT(venv_context, flags, 4, 4);
AT(venv_context, env_dir, 8, 8);
AT(venv_context, env_name, 16, 12);
AT(venv_context, prompt, 24, 16);
AT(venv_context, executable, 32, 20);
AT(venv_context, python_dir, 40, 24);
AT(venv_context, python_exe, 48, 28);
AT(venv_context, inc_path, 56, 32);
AT(venv_context, lib_path, 64, 36);
AT(venv_context, platlib_path, 72, 40);
AT(venv_context, bin_path, 80, 44);
AT(venv_context, bin_name, 88, 48);
AT(venv_context, env_exe, 96, 52);
AT(venv_context, env_exec_cmd, 104, 56);
AT(venv_context, cfg_path, 112, 60);
AT(venv_context, stage_dir, 120, 64);
AT(venv_context, base_prefix, 128, 68);
AT(venv_context, stdlib_dir, 136, 72);
AT(venv_context, implementation, 144, 76);
AT(venv_context, cache_tag, 152, 80);
AT(venv_context, wheel_dir, 160, 84);
AT(venv_context, python_version, 168, 88);
AT(venv_context, reserved, 172, 92);
SIZE(venv_context, 176, 96);

AT(venv_run, struct_size, 0, 0);
AT(venv_run, flags, 4, 4);
AT(venv_run, argv, 8, 8);
AT(venv_run, env, 16, 12);
AT(venv_run, cwd, 24, 16);
AT(venv_run, stdin_data, 32, 20);
AT(venv_run, stdin_len, 40, 24);
AT(venv_run, timeout_ms, 48, 28);
AT(venv_run, exit_status, 52, 32);
AT(venv_run, on_line, 56, 36);
AT(venv_run, data, 64, 40);
SIZE(venv_run, 72, 44);

AT(venv_wheel, struct_size, 0, 0);
AT(venv_wheel, flags, 4, 4);
AT(venv_wheel, path, 8, 8);
AT(venv_wheel, sha256, 16, 12);
AT(venv_wheel, installer, 24, 16);
SIZE(venv_wheel, 32, 20);

AT(venv_download, struct_size, 0, 0);
AT(venv_download, flags, 4, 4);
AT(venv_download, url, 8, 8);
AT(venv_download, sha256, 16, 12);
AT(venv_download, dir, 24, 16);
AT(venv_download, filename, 32, 20);
AT(venv_download, max_size, 40, 24);
AT(venv_download, path, 48, 32);
AT(venv_download, digest, 56, 36);
SIZE(venv_download, 64, 40);

AT(venv_host, struct_size, 0, 0);
AT(venv_host, abi_version, 4, 4);
AT(venv_host, version, 8, 8);
AT(venv_host, error, 16, 12);
AT(venv_host, log, 24, 16);
AT(venv_host, progress, 32, 20);
AT(venv_host, cancelled, 40, 24);
AT(venv_host, option, 48, 28);
AT(venv_host, option_bool, 56, 32);
AT(venv_host, option_int, 64, 36);
AT(venv_host, option_list, 72, 40);
AT(venv_host, run, 80, 44);
AT(venv_host, install_scripts, 88, 48);
AT(venv_host, write_file, 96, 52);
AT(venv_host, config_set, 104, 56);
AT(venv_host, temp_dir, 112, 60);
AT(venv_host, alloc, 120, 64);
AT(venv_host, cache_dir, 128, 68);
AT(venv_host, install_tree, 136, 72);
AT(venv_host, install_wheel, 144, 76);
AT(venv_host, download, 152, 80);
AT(venv_host, context_json, 160, 84);
AT(venv_host, find_wheel, 168, 88);
AT(venv_host, read_file, 176, 92);
AT(venv_host, remove_file, 184, 96);
SIZE(venv_host, 192, 100);

AT(venv_plugin, struct_size, 0, 0);
AT(venv_plugin, abi_version, 4, 4);
AT(venv_plugin, option_size, 8, 8);
AT(venv_plugin, reserved, 12, 12);
AT(venv_plugin, name, 16, 16);
AT(venv_plugin, version, 24, 20);
AT(venv_plugin, flags, 32, 24);
AT(venv_plugin, summary, 40, 32);
AT(venv_plugin, help, 48, 36);
AT(venv_plugin, options, 56, 40);
AT(venv_plugin, open, 64, 44);
AT(venv_plugin, close, 72, 48);
AT(venv_plugin, before_stage, 80, 52);
AT(venv_plugin, ensure_directories, 88, 56);
AT(venv_plugin, create_configuration, 96, 60);
AT(venv_plugin, setup_python, 104, 64);
AT(venv_plugin, setup_scripts, 112, 68);
AT(venv_plugin, seed, 120, 72);
AT(venv_plugin, post_setup, 128, 76);
AT(venv_plugin, undo, 136, 80);
SIZE(venv_plugin, 144, 84);

AT(venv_note, namesz, 0, 0);
AT(venv_note, descsz, 4, 4);
AT(venv_note, type, 8, 8);
AT(venv_note, owner, 12, 12);
AT(venv_note, abi_version, 20, 20);
AT(venv_note, struct_size, 24, 24);
AT(venv_note, name, 28, 28);
AT(venv_note, version, 60, 60);
SIZE(venv_note, 84, 84);

/* Numbers that plugins have compiled in. */
#define IS(name, value) _Static_assert((name) == (value), #name " is not what it was")
IS(VENV_OK, 0);
IS(VENV_SKIP, 1);
IS(VENV_LATER, 2);
IS(VENV_ERR_FAILED, -1);
IS(VENV_ERR_CANCELLED, -2);
IS(VENV_ERR_CONFIG, -3);
IS(VENV_ERR_UNSUPPORTED, -4);
IS(VENV_ERR_NETWORK, -5);
IS(VENV_ERR_INTEGRITY, -6);
IS(VENV_ERR_NOMEM, -7);
IS(VENV_STAGE_ENSURE_DIRECTORIES, 0);
IS(VENV_STAGE_CREATE_CONFIGURATION, 1);
IS(VENV_STAGE_SETUP_PYTHON, 2);
IS(VENV_STAGE_SETUP_SCRIPTS, 3);
IS(VENV_STAGE_POST_SETUP, 4);
IS(VENV_STREAM_MAIN, 0);
IS(VENV_STREAM_STDOUT, 1);
IS(VENV_STREAM_STDERR, 2);
IS(VENV_LOG_ERROR, 0);
IS(VENV_LOG_WARNING, 1);
IS(VENV_LOG_INFO, 2);
IS(VENV_LOG_DEBUG, 3);
IS(VENV_OPTION_BOOL, 0);
IS(VENV_OPTION_INT, 1);
IS(VENV_OPTION_STRING, 2);
IS(VENV_OPTION_PATH, 3);
IS(VENV_OPTION_URL, 4);
IS(VENV_OPTION_LOCATION, 5);
IS(VENV_OPTION_SHA256, 6);
IS(VENV_OPTION_CHOICE, 7);
IS(VENV_OPTION_REQUIRED, 1);
IS(VENV_OPTION_SECRET, 2);
IS(VENV_OPTION_SYSTEM_ONLY, 4);
IS(VENV_OPTION_LIST, 8);
IS(VENV_CONTEXT_SYSTEM_SITE_PACKAGES, 1);
IS(VENV_CONTEXT_CLEAR, 2);
IS(VENV_CONTEXT_SYMLINKS, 4);
IS(VENV_CONTEXT_UPGRADE, 8);
IS(VENV_CONTEXT_WITH_PIP, 16);
IS(VENV_CONTEXT_WITH_SETUPTOOLS, 32);
IS(VENV_CONTEXT_UPGRADE_DEPS, 64);
IS(VENV_CONTEXT_VERBOSE, 128);
IS(VENV_CONTEXT_OFFLINE, 256);
IS(VENV_CONTEXT_EXISTING, 512);
IS(VENV_RUN_ALLOW_FAILURE, 1);
IS(VENV_RUN_QUIET, 2);
IS(VENV_RUN_INDEX, 4);
IS(VENV_WHEEL_REQUESTED, 1);
IS(VENV_WHEEL_TRY, 2);
IS(VENV_DOWNLOAD_TRY, 1);
IS(VENV_DOWNLOAD_CODE, 2);
IS(VENV_SCRIPTS_RAW, 1);
IS(VENV_TREE_PLACEHOLDERS, 2);
IS(VENV_TREE_TRY, 4);
IS(VENV_PLUGIN_NETWORK, 1);
IS(VENV_PLUGIN_RUNS_CODE, 2);
IS(VENV_PLUGIN_PARALLEL, 4);
IS(VENV_PLUGIN_LOOKS, 8);
IS(VENV_NOTE_TYPE, 1);
IS(VENV_NOTE_LIST_MAX, 1024);
