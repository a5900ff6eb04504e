# SPDX-License-Identifier: MIT
# activate.nu - enter this Python environment from nushell (0.106 or newer)
#
#     overlay use bin/activate.nu    deactivate
#
# The overlay holds every change, so hiding it takes all of them back.

export alias deactivate = overlay hide activate
export alias pydoc = ^python -m pydoc

export-env {
    # The directory as it was given, unless this file is somewhere else by now.
__VENV_IF_FIXED__    const made = __VENV_DIR__
    const place = path self .. | path expand
__VENV_IF_FIXED__    const is_moved = ($place | path join pyvenv.cfg | path exists) and $place != ($made | path expand)
__VENV_IF_FIXED__    const dir = if $is_moved { $place } else { $made }
__VENV_IF_RELOCATABLE__    const dir = $place
    let bin = $dir | path join __VENV_BIN_NAME__
    # Activated twice, or over another environment: one of them is enough.
    let active = $env.VIRTUAL_ENV? | default $dir | path join __VENV_BIN_NAME__
    let paths = $env.PATH? | default [] | split row (char esep)
        | where {|it| $it not-in [$bin $active] }

__VENV_IF_VIRTUALENV__    let pkgconfig = $dir | path join lib pkgconfig
__VENV_IF_VIRTUALENV__    let old_pkgconfig = $env.VIRTUAL_ENV? | default $dir | path join lib pkgconfig
__VENV_IF_VIRTUALENV__    let pkgconfigs = $env.PKG_CONFIG_PATH? | default '' | split row (char esep)
__VENV_IF_VIRTUALENV__        | where {|it| $it not-in ['' $pkgconfig $old_pkgconfig] }
    load-env {
        VIRTUAL_ENV: $dir
        VIRTUAL_ENV_PROMPT: __VENV_PROMPT_NAME__
        PATH: ($paths | prepend $bin)
__VENV_IF_VIRTUALENV__        PKG_CONFIG_PATH: ($pkgconfigs | prepend $pkgconfig | str join (char esep))
__VENV_IF_TCL__        TCL_LIBRARY: __VENV_TCL_LIBRARY__
__VENV_IF_TK__        TK_LIBRARY: __VENV_TK_LIBRARY__
    }
    # hide-env hides it from an overlay's first use only; programs do not get null either.
    hide-env --ignore-errors PYTHONHOME
    if 'PYTHONHOME' in $env {
        $env.PYTHONHOME = null
    }
    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | default '' | is-empty) {
        let text = __VENV_PROMPT__
        let old = if '_OLD_VIRTUAL_PROMPT' in $env {
            $env._OLD_VIRTUAL_PROMPT
        } else {
            $env.PROMPT_COMMAND?
        }
        $env._OLD_VIRTUAL_PROMPT = $old
        $env.PROMPT_COMMAND = {||
            let rest = if ($old | describe) == 'closure' { do $old } else { $old | default '' }
            $"($text)($rest)"
        }
    }
__VENV_NUSHELL_HOOKS__}
