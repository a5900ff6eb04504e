#include <config.h>
#include "store.h"
int store_install(struct store *s, const struct store_wheel *w, struct venv_error *err)
{ (void)s;(void)w;(void)err; return STORE_NEEDS_PIP; }
