# SPDX-License-Identifier: MIT
<#
.SYNOPSIS
Enters this Python environment.
.DESCRIPTION
Run it or dot-source it; the function "deactivate" takes everything back.
#>
# The user may have functions and aliases named like any cmdlet: what can be said
# with .NET is, and the rest is called by its full name.

__VENV_IF_RELOCATABLE__if (-not $PSScriptRoot -or -not [System.IO.File]::Exists([System.IO.Path]::Combine($PSScriptRoot, '..', 'pyvenv.cfg'))) {
__VENV_IF_RELOCATABLE__    throw 'Activate.ps1: no environment is there, as far as PowerShell tells where this script is'
__VENV_IF_RELOCATABLE__}
if ($null -ne $env:VIRTUAL_ENV -and $null -ne $function:deactivate) {
    deactivate -NonDestructive
}

# Every key is there from the start: strict mode does not forgive a missing one.
$global:_OLD_VIRTUAL = @{
    Names = 'PATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT'
    Directory = ''
    Prompt = $null
    Text = ''
    HasPydoc = $false
}
__VENV_IF_VIRTUALENV__$global:_OLD_VIRTUAL.Names += 'PKG_CONFIG_PATH'
__VENV_IF_TCL__$global:_OLD_VIRTUAL.Names += 'TCL_LIBRARY'
__VENV_IF_TK__$global:_OLD_VIRTUAL.Names += 'TK_LIBRARY'

# Read and run, not called by name: a path with [ ] in it would be taken for a pattern.
$global:_OLD_VIRTUAL.RunHooks = {
    param([string]$Directory)
    if ([System.IO.Directory]::Exists($Directory)) {
        $files = [System.IO.Directory]::GetFiles($Directory, '*.ps1')
        [System.Array]::Sort($files, [System.StringComparer]::Ordinal)
        foreach ($file in $files) {
            . ([scriptblock]::Create([System.IO.File]::ReadAllText($file)))
        }
    }
}

function global:deactivate([switch]$NonDestructive) {
    $old = $global:_OLD_VIRTUAL
    . $old.RunHooks ([System.IO.Path]::Combine($old.Directory, 'etc/venvctl/deactivate.d'))
    # $null takes a variable away.
    foreach ($name in $old.Names) {
        [System.Environment]::SetEnvironmentVariable($name, $old[$name])
    }
    if ($null -ne $old.Prompt) {
        $function:prompt = $old.Prompt
    }
    if ($old.HasPydoc) {
        Microsoft.PowerShell.Management\Remove-Item -LiteralPath Function:\pydoc
    }
    Microsoft.PowerShell.Utility\Remove-Variable -Name _OLD_VIRTUAL -Scope Global
    if (-not $NonDestructive) {
        Microsoft.PowerShell.Management\Remove-Item -LiteralPath Function:\deactivate
    }
}

# In a scope of its own: what is dot-sourced leaves its variables behind.
& {
    param([string]$Directory)
    $old = $global:_OLD_VIRTUAL
    foreach ($name in $old.Names) {
        $old[$name] = [System.Environment]::GetEnvironmentVariable($name)
    }
    # The environment is where this file is, also when it was moved.
    if (-not [System.IO.File]::Exists([System.IO.Path]::Combine($Directory, 'pyvenv.cfg'))) {
        $Directory = __VENV_DIR__
    }
    $bin = [System.IO.Path]::Combine($Directory, __VENV_BIN_NAME__)
    $old.Directory = $Directory
    $env:VIRTUAL_ENV = $Directory
    $env:VIRTUAL_ENV_PROMPT = __VENV_PROMPT_NAME__
    $env:PYTHONHOME = $null
    # An empty entry would stand for the current directory.
    $env:PATH = if ($env:PATH) { $bin + [System.IO.Path]::PathSeparator + $env:PATH } else { $bin }
__VENV_IF_VIRTUALENV__    $pkgconfig = [System.IO.Path]::Combine($Directory, 'lib', 'pkgconfig')
__VENV_IF_VIRTUALENV__    $env:PKG_CONFIG_PATH = if ($env:PKG_CONFIG_PATH) { $pkgconfig + [System.IO.Path]::PathSeparator + $env:PKG_CONFIG_PATH } else { $pkgconfig }
__VENV_IF_TCL__    $env:TCL_LIBRARY = __VENV_TCL_LIBRARY__
__VENV_IF_TK__    $env:TK_LIBRARY = __VENV_TK_LIBRARY__

    if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT -and $null -ne $function:prompt) {
        $old.Prompt = $function:prompt
        $old.Text = __VENV_PROMPT__
        function global:prompt {
            # Written first: the user's prompt may write a part of itself, too.
            $Host.UI.Write($global:_OLD_VIRTUAL.Text)
            & $global:_OLD_VIRTUAL.Prompt
        }
    }
    if ($null -eq $function:pydoc) {
        $old.HasPydoc = $true
        function global:pydoc { python -m pydoc @args }
    }
    . $old.RunHooks ([System.IO.Path]::Combine($Directory, 'etc/venvctl/activate.d'))
} ([System.IO.Path]::GetDirectoryName($PSScriptRoot))
