#include <config.h>
#include "scripts.h"
#include "base/file.h"
int scripts_install_builtin(int bin, const struct script_values *v, unsigned activators, const struct log *log, struct venv_error *err)
{ (void)v;(void)activators;(void)log;
 static const char *const n[]={"activate","activate.csh","activate.fish","Activate.ps1"};
 for(int i=0;i<4;i++){int r=file_create_at(bin,n[i],"x\n",2,0644,true); if(r) return error_errno(err,-r,"cannot write %s",n[i]);}
 return 0; }
int scripts_install_dir(int bin, const char *path, const struct script_values *v, bool raw, const struct log *log, struct venv_error *err)
{(void)bin;(void)path;(void)v;(void)raw;(void)log;(void)err;return 0;}
