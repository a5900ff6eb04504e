# SPDX-License-Identifier: MIT
# activate.csh - enter this Python environment from csh or tcsh
#
#     source bin/activate.csh        deactivate
#
# csh looks for aliases in the first word of a command only, so a command behind
# "if (1)" is the real one whatever the user has aliased. Its keywords csh does not know
# when they are quoted, and nobody can alias alias and unalias.
#
# All of it is ASCII, and what is not in the names is made by printf: under SHIFT_JIS and
# JOHAB tcsh has no backslash, and what quotes protect from history depends on options.

if (1) set _venv_printf = printf
if (-x /bin/printf) set _venv_printf = /bin/printf
if (-x /usr/bin/printf) set _venv_printf = /usr/bin/printf

if ($?0) then
    if (1) set _venv_file = $0:q
    if ($_venv_file:t:q == activate.csh) then
        if (1) set echo_style = none
        if (1) echo 'activate.csh changes the shell that reads it, type:'
        if (1) echo __VENV_SOURCE__
        if (1) exit 1
    endif
endif

# A prompt with a line end cannot be read where there is no backslash: this is where csh
# stops then, with nothing changed.
if (1) set _venv_dir = __VENV_DIR__
__VENV_IF_RELOCATABLE__# The shell does not tell which file it is reading, but Linux knows what it has open. A
__VENV_IF_RELOCATABLE__# foreach would take the names for patterns once more.
__VENV_IF_RELOCATABLE__if (1) set _venv_link = readlink
__VENV_IF_RELOCATABLE__if (-x /bin/readlink) set _venv_link = /bin/readlink
__VENV_IF_RELOCATABLE__if (-x /usr/bin/readlink) set _venv_link = /usr/bin/readlink
__VENV_IF_RELOCATABLE__if (1) set _venv_count = 255
__VENV_IF_RELOCATABLE__if (! -d /proc/$$/fd) set _venv_count = 0
__VENV_IF_RELOCATABLE__while ($_venv_count > 2)
__VENV_IF_RELOCATABLE__    if (-f /proc/$$/fd/$_venv_count) then
__VENV_IF_RELOCATABLE__        if (1) set _venv_file = "`$_venv_link /proc/$$/fd/$_venv_count`"
__VENV_IF_RELOCATABLE__        if ($#_venv_file == 1) then
__VENV_IF_RELOCATABLE__            if ($_venv_file:t:q == activate.csh) then
__VENV_IF_RELOCATABLE__                if (1) set _venv_file = $_venv_file:h:q
__VENV_IF_RELOCATABLE__                if (1) set _venv_file = $_venv_file:h:q
__VENV_IF_RELOCATABLE__                if (-f $_venv_file:q/pyvenv.cfg) then
__VENV_IF_RELOCATABLE__                    if (1) set _venv_dir = $_venv_file:q
__VENV_IF_RELOCATABLE__                    if (1) set _venv_count = 0
__VENV_IF_RELOCATABLE__                endif
__VENV_IF_RELOCATABLE__            endif
__VENV_IF_RELOCATABLE__        endif
__VENV_IF_RELOCATABLE__    endif
__VENV_IF_RELOCATABLE__    if (1) @ _venv_count--
__VENV_IF_RELOCATABLE__end
if (1) set _venv_text = __VENV_PROMPT_NAME__
if (1) set _venv_prompt = __VENV_PROMPT__
if (! $?tcsh) set _venv_prompt = __VENV_PROMPT_CSH__
if (x$_venv_dir:q == x || ! -f $_venv_dir:q/pyvenv.cfg) then
    if (1) set echo_style = none
    if (1) echo "activate.csh: no environment is there, as far as this shell can tell:"
    if (1) echo $_venv_dir:q
    if (1) unset _venv_*
    if (1) exit 1
endif

# Whoever was active, this script or another that keeps its PATH there.
# A variable of that name may be from the environment, with nothing to go with them.
if ($?_OLD_VIRTUAL_PATH) then
    if (1) set _venv_word = "`alias deactivate`"
    if (x$_venv_word:q != x) then
        deactivate nondestructive
    endif
endif
if (1) unsetenv _OLD_VIRTUAL_* _VENV_PROMPT _venv_*

# Each change comes with the alias that takes it back: an alias cannot hold an
# if-else, and csh complains of an unset variable in the branch not taken, too.
if (1) set _OLD_VIRTUAL_PATH = ''
if (1) alias _venv_path 'if (1) unsetenv PATH'
if ($?PATH) then
    if (1) set _OLD_VIRTUAL_PATH = $PATH:q
    if (1) alias _venv_path 'if (1) setenv PATH $_OLD_VIRTUAL_PATH:q'
endif

if (1) alias _venv_pythonhome 'if (1) unsetenv PYTHONHOME'
if ($?PYTHONHOME) then
    if (1) set _OLD_VIRTUAL_PYTHONHOME = $PYTHONHOME:q
    if (1) alias _venv_pythonhome 'if (1) setenv PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME:q'
endif

if (1) alias _venv_env 'if (1) unsetenv VIRTUAL_ENV'
if ($?VIRTUAL_ENV) then
    if (1) set _OLD_VIRTUAL_ENV = $VIRTUAL_ENV:q
    if (1) alias _venv_env 'if (1) setenv VIRTUAL_ENV $_OLD_VIRTUAL_ENV:q'
endif

if (1) alias _venv_env_prompt 'if (1) unsetenv VIRTUAL_ENV_PROMPT'
if ($?VIRTUAL_ENV_PROMPT) then
    if (1) set _OLD_VIRTUAL_ENV_PROMPT = $VIRTUAL_ENV_PROMPT:q
    if (1) alias _venv_env_prompt 'if (1) setenv VIRTUAL_ENV_PROMPT $_OLD_VIRTUAL_ENV_PROMPT:q'
endif

__VENV_IF_VIRTUALENV__if (1) set _OLD_VIRTUAL_PKG_CONFIG_PATH = ''
__VENV_IF_VIRTUALENV__if (1) alias _venv_pkgconfig 'if (1) unsetenv PKG_CONFIG_PATH'
__VENV_IF_VIRTUALENV__if ($?PKG_CONFIG_PATH) then
__VENV_IF_VIRTUALENV__    if (1) set _OLD_VIRTUAL_PKG_CONFIG_PATH = $PKG_CONFIG_PATH:q
__VENV_IF_VIRTUALENV__    if (1) alias _venv_pkgconfig 'if (1) setenv PKG_CONFIG_PATH $_OLD_VIRTUAL_PKG_CONFIG_PATH:q'
__VENV_IF_VIRTUALENV__endif
__VENV_IF_TCL__if (1) alias _venv_tcl 'if (1) unsetenv TCL_LIBRARY'
__VENV_IF_TCL__if ($?TCL_LIBRARY) then
__VENV_IF_TCL__    if (1) set _OLD_VIRTUAL_TCL_LIBRARY = $TCL_LIBRARY:q
__VENV_IF_TCL__    if (1) alias _venv_tcl 'if (1) setenv TCL_LIBRARY $_OLD_VIRTUAL_TCL_LIBRARY:q'
__VENV_IF_TCL__endif
__VENV_IF_TK__if (1) alias _venv_tk 'if (1) unsetenv TK_LIBRARY'
__VENV_IF_TK__if ($?TK_LIBRARY) then
__VENV_IF_TK__    if (1) set _OLD_VIRTUAL_TK_LIBRARY = $TK_LIBRARY:q
__VENV_IF_TK__    if (1) alias _venv_tk 'if (1) setenv TK_LIBRARY $_OLD_VIRTUAL_TK_LIBRARY:q'
__VENV_IF_TK__endif
__VENV_IF_VIRTUALENV__
if (1) setenv VIRTUAL_ENV $_venv_dir:q
if (1) setenv VIRTUAL_ENV_PROMPT $_venv_text:q
if (1) unsetenv PYTHONHOME
# An empty entry would stand for the current directory.
if (x$_OLD_VIRTUAL_PATH:q == x) then
    if (1) setenv PATH $VIRTUAL_ENV:q/__VENV_BIN_NAME__
else
    if (1) setenv PATH $VIRTUAL_ENV:q/__VENV_BIN_NAME__:$_OLD_VIRTUAL_PATH:q
endif
__VENV_IF_VIRTUALENV__if (x$_OLD_VIRTUAL_PKG_CONFIG_PATH:q == x) then
__VENV_IF_VIRTUALENV__    if (1) setenv PKG_CONFIG_PATH $VIRTUAL_ENV:q/lib/pkgconfig
__VENV_IF_VIRTUALENV__else
__VENV_IF_VIRTUALENV__    if (1) setenv PKG_CONFIG_PATH $VIRTUAL_ENV:q/lib/pkgconfig:$_OLD_VIRTUAL_PKG_CONFIG_PATH:q
__VENV_IF_VIRTUALENV__endif
__VENV_IF_TCL__if (1) setenv TCL_LIBRARY __VENV_TCL_LIBRARY__
__VENV_IF_TK__if (1) setenv TK_LIBRARY __VENV_TK_LIBRARY__

# tcsh takes the value of a variable in a prompt as it is; csh has no such thing.  The
# user's prompt may be a list, of which the first word is drawn.
if (1) alias _venv_prompt 'if (0) unset prompt'
if (1) set _venv_quiet = ''
if ($?VIRTUAL_ENV_DISABLE_PROMPT) then
    if (1) set _venv_quiet = $VIRTUAL_ENV_DISABLE_PROMPT:q
endif
if ($?prompt && x$_venv_quiet:q == x && x$_venv_text:q != x) then
    if (1) set _OLD_VIRTUAL_PROMPT = ($prompt:q)
    if (1) alias _venv_prompt 'if (1) set prompt = ($_OLD_VIRTUAL_PROMPT:q); if (1) unset _VENV_PROMPT'
    # In a list an empty word is none.
    if ($#prompt == 1) set _OLD_VIRTUAL_PROMPT = $prompt:q
    if ($#prompt == 1) alias _venv_prompt 'if (1) set prompt = $_OLD_VIRTUAL_PROMPT:q; if (1) unset _VENV_PROMPT'
    if ($#prompt == 0) set prompt = ''
    if (1) set _VENV_PROMPT = $_venv_prompt:q
    if ($?tcsh) set _venv_prompt = __VENV_PROMPT_TCSH__
    if (1) set prompt[1] = $_venv_prompt:q$prompt[1]:q
endif

# pydoc would be the system's, unless the user has one.
if (1) set _venv_word = "`alias pydoc`"
if (1) alias _venv_pydoc 'if (0) unalias pydoc'
if (x$_venv_word:q == x) then
    if (1) alias pydoc 'python -m pydoc'
    if (1) alias _venv_pydoc 'if (1) unalias pydoc'
endif

# Hooks. What is to be sourced at the end is listed now: an alias cannot loop. And no
# foreach: in BSD csh it takes the names for patterns once more.
if (1) set _venv_hooks = ''
if (-d $VIRTUAL_ENV:q/etc/venvctl) then
    if (1) set _venv_nonomatch = $?nonomatch
    if (1) set _venv_noglob = $?noglob
    if (1) set nonomatch
    if (1) unset noglob
    if (1) set _OLD_VIRTUAL_HOOKS = ($VIRTUAL_ENV:q/etc/venvctl/deactivate.d/*.csh)
    if (1) set _venv_files = ($VIRTUAL_ENV:q/etc/venvctl/activate.d/*.csh)
    if ($_venv_nonomatch == 0) unset nonomatch
    if ($_venv_noglob) set noglob
    if (1) alias _venv_hook 'if (-f $_OLD_VIRTUAL_HOOKS[1]:q) source $_OLD_VIRTUAL_HOOKS[1]:q; if (1) shift _OLD_VIRTUAL_HOOKS'
    if (1) set _venv_count = $#_OLD_VIRTUAL_HOOKS
    while ($_venv_count > 0)
        if (1) set _venv_hooks = "$_venv_hooks _venv_hook;"
        if (1) @ _venv_count--
    end
    while ($#_venv_files > 0)
        if (-f $_venv_files[1]:q) source $_venv_files[1]:q
        if (1) shift _venv_files
    end
endif

__VENV_IF_VIRTUALENV__if (1) set _venv_hooks = "$_venv_hooks _venv_pkgconfig;"
__VENV_IF_TCL__if (1) set _venv_hooks = "$_venv_hooks _venv_tcl;"
__VENV_IF_TK__if (1) set _venv_hooks = "$_venv_hooks _venv_tk;"
if (1) alias deactivate "$_venv_hooks"' _venv_path; _venv_pythonhome; _venv_env; _venv_env_prompt; _venv_prompt; _venv_pydoc; if (1) rehash; if (1) unset _OLD_VIRTUAL_*; if (1) unalias _venv_* deactivate'

if (1) unset _venv_*
if (1) rehash
