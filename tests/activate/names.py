# SPDX-License-Identifier: MIT
"""names.py - names of directories and prompts that have broken activation scripts

Each would make a file called canary* in the current directory, if a shell took it
for anything but a name.
"""

PLACEHOLDERS = ["__VENV_DIR__", "__VENV_NAME__", "__VENV_PROMPT__", "__VENV_BIN_NAME__",
                "__VENV_PYTHON__"]

# What a directory may be called: all but control characters, ":" and broken UTF-8.
DIRECTORIES = [
    "plain", "two words", " blank first", "blank last ", "-dash", "--help", ".hidden", "...",
    "q'q", 'd"d', "q'd\"b`", "''", '""', "'\"'\"'", "\\", "back\\slash", "ends\\", "bs\\'q",
    "bs\\\\'q", 'bs\\"q', "\\n\\t\\x41\\101", "\\[\\e[31m\\]\\u\\w\\$",
    "$(touch canary)", "`touch canary`", "$HOME", "${HOME}", "$$ $? $0 $1 $* $@ $#", "$",
    "${(e)x}", "$((1+1))", "${x-$(touch canary)}", "$'\\x24'", "(touch canary)",
    ";touch canary;", "|touch canary", "&touch canary&", "&& touch canary", "|| touch canary",
    ">canary", "<canary", "';touch canary;'", '";touch canary;"', "\\';touch canary;#",
    "'$(touch canary)'", "'`touch canary`'", '"$(touch canary)"', "x'$(touch canary)#",
    "'\\''$(touch canary)", "''$(touch canary)''",
    "!", "a!b", "!!", "!$", "!touch", "\\!", "^a^b", "!{x}", "#comment", "a #b", "*", "?", "[a-z]",
    "a*b?c[d]", "~", "~root", "a=~root", "{a,b}", "{{ }}", "{", "}", "}}{{", "{RED}", "{user}", "{}",
    "%", "%%", "%n%m%~", "%F{red}", "%{x%}", "%(?.a.b)", "100%", "%PATH%", "!PATH!", "^&", "%B%",
    "@(1+1)", "@", "a,b", "a=b", "+x", "`", "``",
    "__VENV_NAME__$(touch canary)", "x__VENV_PROMPT__;touch canary", "x__VENV_SOURCE__'",
    "nu'#x", "nu'##$(touch canary)", "r#'x'#",
    "\u4e2d\u6587\u76ee\u5f55", "\u0444\u0430\u0439\u043b", "\U0001f40d", "e\u0301 combining",
    "\u2018touch canary\u2019", "\u201ctouch canary\u201d", "\u201b;touch canary;\u201a",
    "\u00a0nbsp", "\u3000wide blank", "\u200bzero\u200fwidth", "\uf600private\ue000", "\ufeffbom",
    "x" * 255, "'" * 255, "!" * 255, "\\" * 255, "\u00e9" * 127,
] + PLACEHOLDERS

# What a prompt may be, too.
PROMPTS = [
    "", "$env:HOME", "${x:-$(touch canary)}", "tab\there", "line\nbreak", "\ntouch canary\n", "\\\n", "cr\rhere", "'\ntouch canary\n'",
    "\"\ntouch canary\n\"", "EOF\ntouch canary\nEOF", "bell\a", "\x1b[31mred", "\x01soh\x02",
    "\x7f", "a:b", "$(touch canary)\n`touch canary`", "%\n!", "broken \udcff\udcfe utf",
    "\udce2\udc80", "\udc80'", "\u2028line",
]
