# SPDX-License-Identifier: MIT
# activate.xsh - enter this Python environment from xonsh
#
#     source bin/activate.xsh        deactivate

def _venv_activate(file):
    import glob
    import os

    from xonsh.aliases import source_alias
    from xonsh.built_ins import XSH

    env, aliases = XSH.env, XSH.aliases
    names = "PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"

    def text(literal):
        # The literals are UTF-8, with what is not as surrogates.
        return os.fsdecode(literal.encode("utf-8", "surrogateescape"))

    def run_hooks(name):
        pattern = os.path.join(glob.escape(directory), "etc", "venvctl", name, "*.xsh")
        for hook in sorted(glob.glob(pattern)):
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

    class Path(type(env["PATH"])):
        """Takes each entry as it is: xonsh would expand ~ and $NAME in ours."""

        def __getitem__(self, item):
            return self._l[item]

    if "VIRTUAL_ENV" in env and "deactivate" in aliases:
        aliases["deactivate"]([])

    # The directory as it was given, unless this file is somewhere else by now.
    directory = text(__VENV_DIR__)
    place = os.path.dirname(os.path.dirname(os.path.realpath(file)))
    if os.path.isfile(os.path.join(place, "pyvenv.cfg")) \
            and place != os.path.realpath(directory):
        directory = place

    # Asked for by hand: `in` tells of xonsh's own default for PATH, too.
    old = {name: env[name] for name in names if env.is_manually_set(name)}
    old_aliases = {name: aliases[name] for name in ("deactivate", "pydoc") if name in aliases}
    env["VIRTUAL_ENV"] = directory
    env["VIRTUAL_ENV_PROMPT"] = text(__VENV_PROMPT_NAME__)
    env["PATH"] = Path([os.path.join(directory, __VENV_BIN_NAME__)] + list(env["PATH"]))
    env.pop("PYTHONHOME", None)
    aliases["deactivate"] = deactivate
    aliases["pydoc"] = ["python", "-m", "pydoc"]

    field = prompt = None
    if not env.get("VIRTUAL_ENV_DISABLE_PROMPT"):
        field = env["PROMPT_FIELDS"]["env_name"]
        # Doubled, because braces in what a field gives are read once more, as colours.
        env["PROMPT_FIELDS"]["env_name"] = \
            text(__VENV_PROMPT__).replace("{", "{{").replace("}", "}}")
        if isinstance(env["PROMPT"], str) and "{env_name" not in env["PROMPT"]:
            prompt = env["PROMPT"]
            env["PROMPT"] = "{env_name}" + prompt
    run_hooks("activate.d")


if __name__ == "__main__":
    import sys
    print("activate.xsh changes the shell that reads it, type:", __VENV_SOURCE__,
          sep="\n", file=sys.stderr)
    sys.exit(1)
_venv_activate(__file__)
del _venv_activate
