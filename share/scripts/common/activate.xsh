# SPDX-License-Identifier: MIT
# activate.xsh - enter this Python environment from xonsh
#
#     source bin/activate.xsh        deactivate
#
# XONSH_ENCODING may be any: so this file does without the characters that mean another in
# UTF-7, HZ or a legacy encoding, such as plus, tilde, percent sign and backslash. And the
# user may have variables named like what Python has built in.

def _venv_activate():
    import builtins
    import glob
    import os

    from xonsh.aliases import source_alias
    from xonsh.built_ins import XSH

    env, aliases = XSH.env, XSH.aliases
    names = "PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"
__VENV_IF_VIRTUALENV__    names = (*names, "PKG_CONFIG_PATH")
__VENV_IF_TCL__    names = (*names, "TCL_LIBRARY")
__VENV_IF_TK__    names = (*names, "TK_LIBRARY")

    def text(name):
        decoded = os.fsdecode(name)
        if os.fsencode(decoded) != name:
            raise builtins.ValueError(
                "activate.xsh: the encoding of file names cannot hold '{!a}'".format(name))
        return decoded

    def run_hooks(name):
        pattern = os.path.join(glob.escape(directory), "etc", "venvctl", name, "*.xsh")
        for hook in builtins.sorted(glob.glob(pattern)):
            source_alias([hook])

    def deactivate(args=None, stdin=None):
        run_hooks("deactivate.d")
        for name in names:
            if name in old:
                env[name] = old[name]
            else:
                env.pop(name, None)
        if field is not None:
            env["PROMPT_FIELDS"]["env_name"] = field
        if prompt is not None:
            env["PROMPT"] = prompt
        for name in "deactivate", "pydoc":
            if name in old_aliases:
                aliases[name] = old_aliases[name]
            else:
                aliases.pop(name, None)

    class Path(builtins.type(env["PATH"])):
        """Takes each entry as it is: xonsh would expand a home directory and $NAME in ours."""

        def __getitem__(self, item):
            return self._l[item]

    # The directory as it was given, unless this file is somewhere else by now.
    directory = text(__VENV_DIR__)
    file = os.path.realpath(builtins.globals().get("__file__") or "")
    place = os.path.dirname(os.path.dirname(file))
    if (file == os.path.join(place, text(__VENV_BIN_NAME__), "activate.xsh")
            and os.path.isfile(os.path.join(place, "pyvenv.cfg"))
            and not (directory and place == os.path.realpath(directory))):
        directory = place
    if os.pathsep in directory:
        raise builtins.ValueError(
            "activate.xsh: {!r}: PATH cannot hold a colon".format(directory))
    if not directory or not os.path.isfile(os.path.join(directory, "pyvenv.cfg")):
        raise builtins.ValueError(
            "activate.xsh: {!r}: no environment is there, and this script cannot tell "
            "where it is now".format(directory))

    if "VIRTUAL_ENV" in env and "deactivate" in aliases:
        aliases["deactivate"]([])

    # Asked for by hand: `in` tells of xonsh's own default for PATH, too.
    old = {name: env[name] for name in names if env.is_manually_set(name)}
    old_aliases = {name: aliases[name] for name in ("deactivate", "pydoc") if name in aliases}
    env["VIRTUAL_ENV"] = directory
    env["VIRTUAL_ENV_PROMPT"] = os.fsdecode(__VENV_PROMPT_NAME__)
    entries = Path([os.path.join(directory, text(__VENV_BIN_NAME__))])
    entries.extend(env["PATH"])
    env["PATH"] = entries
    env.pop("PYTHONHOME", None)
__VENV_IF_VIRTUALENV__    entries = Path([os.path.join(directory, "lib", "pkgconfig")])
__VENV_IF_VIRTUALENV__    entries.extend(entry for entry in old.get("PKG_CONFIG_PATH", ()) if entry)
__VENV_IF_VIRTUALENV__    env["PKG_CONFIG_PATH"] = entries
__VENV_IF_TCL__    env["TCL_LIBRARY"] = text(__VENV_TCL_LIBRARY__)
__VENV_IF_TK__    env["TK_LIBRARY"] = text(__VENV_TK_LIBRARY__)
    aliases["deactivate"] = deactivate
    aliases["pydoc"] = ["python", "-m", "pydoc"]

    field = prompt = None
    if __VENV_PROMPT__ and not env.get("VIRTUAL_ENV_DISABLE_PROMPT"):
        field = env["PROMPT_FIELDS"]["env_name"]
        # Doubled, because braces in what a field gives are read once more, as colours.
        drawn = os.fsdecode(__VENV_PROMPT__).replace("{", "{{").replace("}", "}}")
        env["PROMPT_FIELDS"]["env_name"] = drawn
        if builtins.isinstance(env["PROMPT"], builtins.str) and "{env_name" not in env["PROMPT"]:
            prompt = env["PROMPT"]
            env["PROMPT"] = "".join(["{env_name}", prompt])
    run_hooks("activate.d")


if __name__ == "__main__":
    import builtins
    import os
    import sys
    builtins.print("activate.xsh changes the shell that reads it, type:",
                   os.fsdecode(__VENV_SOURCE__), sep=os.linesep, file=sys.stderr)
    sys.exit(1)
_venv_activate()
del _venv_activate
