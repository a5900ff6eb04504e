# SPDX-License-Identifier: MIT
# activate.fish - enter this Python environment from fish
#
#     source bin/activate.fish       deactivate
#
# Every command is asked for as a builtin: users have functions of the same names.

if builtin string match -q '*activate.fish' -- (builtin status filename); and not builtin status stack-trace | builtin string match -q '*'
    builtin printf '%s\n' 'activate.fish changes the shell that reads it, type:' __VENV_SOURCE__ >&2
    exit 1
end

# The directory as it was given, unless this file is somewhere else by now. What fish is
# reading may be another file, or none, which has got this text from here.
builtin set -g _venv_dir __VENV_DIR__
begin
    builtin set -l file (builtin realpath -- (builtin status filename | builtin string collect) 2>/dev/null | builtin string collect)
    builtin set -l place (builtin string replace -r '/[^/]+/[^/]+$' '' -- "$file" | builtin string collect)
    builtin set -l made (builtin realpath -- $_venv_dir 2>/dev/null | builtin string collect)
    if builtin test -n "$place" -a "$place" != "$made" -a -f "$place/pyvenv.cfg"
        if builtin test "$file" = "$place/"__VENV_BIN_NAME__/activate.fish
            builtin set -g _venv_dir $place
        end
    end
end
builtin set -g _venv_why
if builtin string match -q '*:*' -- $_venv_dir
    builtin set -g _venv_why 'PATH cannot hold a colon'
else if not builtin test -n "$_venv_dir" -a -f "$_venv_dir/pyvenv.cfg"
    builtin set -g _venv_why 'no environment is there, as far as this shell can tell in this locale'
end

# Whoever was active, this script or another of that name.
if builtin test -z "$_venv_why"; and builtin set -q VIRTUAL_ENV; and builtin functions -q deactivate
    deactivate nondestructive
end

# What reads this cannot always be told to return: so all of it is in one piece.
if builtin test -n "$_venv_why"
    builtin printf '%s\n' "activate.fish: '$_venv_dir': $_venv_why" >&2
    builtin set -eg _venv_dir
    builtin set -eg _venv_why
    builtin false
else
    builtin set -eg _OLD_VIRTUAL_FUNCTION
    if builtin functions -q deactivate
        builtin set -gu _OLD_VIRTUAL_FUNCTION yes
        builtin functions -c deactivate _old_deactivate
    end

    function deactivate --description 'Leave the Python environment'
        for file in $VIRTUAL_ENV/etc/venvctl/deactivate.d/*.fish
            builtin source $file
        end
        # What was not there before has no saved value.
        builtin set -l names PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT
__VENV_IF_VIRTUALENV__        builtin set names $names PKG_CONFIG_PATH
__VENV_IF_TCL__        builtin set names $names TCL_LIBRARY
__VENV_IF_TK__        builtin set names $names TK_LIBRARY
        for name in $names
            builtin set -l saved _OLD_VIRTUAL_$name
            if builtin set -q $saved
                builtin set -gx $name $$saved
                builtin set -eg $saved
            else
                builtin set -eg $name
            end
        end
        if builtin set -q _OLD_FISH_PROMPT_OVERRIDE
            builtin set -eg _OLD_FISH_PROMPT_OVERRIDE
            builtin functions -e fish_prompt
            builtin functions -c _old_fish_prompt fish_prompt
            builtin functions -e _old_fish_prompt _venv_status
        end
        if builtin set -q _OLD_VIRTUAL_PYDOC
            builtin set -eg _OLD_VIRTUAL_PYDOC
            builtin functions -e pydoc
        end
        builtin functions -e deactivate
        if builtin set -q _OLD_VIRTUAL_FUNCTION
            builtin set -eg _OLD_VIRTUAL_FUNCTION
            builtin functions -c _old_deactivate deactivate
            builtin functions -e _old_deactivate
        end
    end

    # Kept as globals and not exported: a child has nothing that could take them back, nor
    # have we for what is in the environment.
    builtin set -eg _OLD_FISH_PROMPT_OVERRIDE _OLD_VIRTUAL_PYDOC
    builtin set -l names PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT
__VENV_IF_VIRTUALENV__    builtin set names $names PKG_CONFIG_PATH
__VENV_IF_TCL__    builtin set names $names TCL_LIBRARY
__VENV_IF_TK__    builtin set names $names TK_LIBRARY
    for name in $names
        builtin set -eg _OLD_VIRTUAL_$name
        if builtin set -q $name
            builtin set -gu _OLD_VIRTUAL_$name $$name
        end
    end

    builtin set -gx VIRTUAL_ENV $_venv_dir
    builtin set -eg _venv_dir
    builtin set -eg _venv_why
    builtin set -gx VIRTUAL_ENV_PROMPT __VENV_PROMPT_NAME__
    builtin set -gx PATH $VIRTUAL_ENV/__VENV_BIN_NAME__ $PATH
    builtin set -eg PYTHONHOME
__VENV_IF_VIRTUALENV__    if builtin test -n "$PKG_CONFIG_PATH"
__VENV_IF_VIRTUALENV__        builtin set -gx PKG_CONFIG_PATH $VIRTUAL_ENV/lib/pkgconfig $PKG_CONFIG_PATH
__VENV_IF_VIRTUALENV__    else
__VENV_IF_VIRTUALENV__        builtin set -gx PKG_CONFIG_PATH $VIRTUAL_ENV/lib/pkgconfig
__VENV_IF_VIRTUALENV__    end
__VENV_IF_TCL__    builtin set -gx TCL_LIBRARY __VENV_TCL_LIBRARY__
__VENV_IF_TK__    builtin set -gx TK_LIBRARY __VENV_TK_LIBRARY__

    if builtin test -z "$VIRTUAL_ENV_DISABLE_PROMPT" -a -n __VENV_PROMPT__; and builtin functions -q fish_prompt
        builtin functions -c fish_prompt _old_fish_prompt
        builtin set -gu _OLD_FISH_PROMPT_OVERRIDE $VIRTUAL_ENV
        function fish_prompt
            builtin set -l old_status $status
            builtin printf '%s' __VENV_PROMPT__
            # The user's prompt may show the status of the last command.
            _venv_status $old_status
            _old_fish_prompt
        end
        function _venv_status
            return $argv[1]
        end
    end

    if not builtin functions -q pydoc
        builtin set -gu _OLD_VIRTUAL_PYDOC yes
        function pydoc --description 'pydoc of the Python environment'
            python -m pydoc $argv
        end
    end

    for file in $VIRTUAL_ENV/etc/venvctl/activate.d/*.fish
        builtin source $file
    end
end
