@rem SPDX-License-Identifier: MIT
@rem deactivate.bat - leave the Python environment that activate.bat entered
@rem
@rem A variable that is not in the list of old ones was not there. Values are read from what
@rem "set" prints: in %X% a quote would let what follows it be run.
@if not defined _OLD_VIRTUAL_ACTIVE if not defined _OLD_VIRTUAL_PATH exit /b 0

@rem Names are UTF-8.
@set _VENV_CODEPAGE=
@for /f "tokens=2 delims=:." %%I in ('"%SystemRoot%\System32\chcp.com"') do @set "_VENV_CODEPAGE=%%I"
@if defined _VENV_CODEPAGE "%SystemRoot%\System32\chcp.com" 65001 >nul

@if defined _OLD_VIRTUAL_DRAWN set PROMPT=
@if not defined _OLD_VIRTUAL_PATH set PATH=
@for %%V in (PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT) do @set %%V=
@if defined _OLD_VIRTUAL_MORE for %%V in (PKG_CONFIG_PATH TCL_LIBRARY TK_LIBRARY) do @set %%V=
@for /f "tokens=1* delims==" %%I in ('set _OLD_VIRTUAL_') do @for %%V in (PATH PROMPT PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT PKG_CONFIG_PATH TCL_LIBRARY TK_LIBRARY) do @if /i "%%I"=="_OLD_VIRTUAL_%%V" set "%%V=%%J"
@for %%V in (PATH PROMPT PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT PKG_CONFIG_PATH TCL_LIBRARY TK_LIBRARY ACTIVE DRAWN MORE) do @set _OLD_VIRTUAL_%%V=

@if defined _VENV_CODEPAGE "%SystemRoot%\System32\chcp.com" %_VENV_CODEPAGE% >nul
@set _VENV_CODEPAGE=
