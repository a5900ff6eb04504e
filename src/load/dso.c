/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "load.h"

#include <dlfcn.h>
#include <ltdl.h>
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned users; /* open objects; libltdl is alive while there are any */

struct dso {
	lt_dlhandle handle;
};

static lt_dlhandle open_local(const char *path)
{
	lt_dlhandle h = NULL;
	lt_dladvise advise;

	if (lt_dladvise_init(&advise))
		return NULL;
	if (!lt_dladvise_local(&advise))
		h = lt_dlopenadvise(path, advise);
	lt_dladvise_destroy(&advise);
	return h;
}

/*
 * libltdl binds lazily, so that a plugin with a misspelt function would die in
 * the middle of its work, and says "file not found" for every failure.  So the
 * file is opened by dlopen() first, which binds all of it and says what is wrong,
 * and libltdl then adopts the object that is loaded already.
 */
struct dso *dso_open(const char *path, struct venv_error *err)
{
	struct dso *d = calloc(1, sizeof(*d));
	void *probe = NULL;

	if (!d) {
		error_nomem(err);
		return NULL;
	}
	pthread_mutex_lock(&mutex);
	if (!users && lt_dlinit()) {
		error_set(err, VENV_ERR_PLUGIN, "cannot start the plugin loader: %s",
			  lt_dlerror());
		goto out;
	}
	users++;
	dlerror();
	probe = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!probe) {
		error_set(err, VENV_ERR_PLUGIN, "cannot load '%s': %s", path, dlerror());
	} else {
		d->handle = open_local(path);
		if (!d->handle)
			error_set(err, VENV_ERR_PLUGIN, "cannot load '%s': %s", path,
				  lt_dlerror());
		dlclose(probe);
	}
	if (!d->handle && !--users)
		lt_dlexit();
out:
	pthread_mutex_unlock(&mutex);
	if (!d->handle) {
		free(d);
		d = NULL;
	}
	return d;
}

void *dso_symbol(struct dso *d, const char *symbol)
{
	void *p;

	pthread_mutex_lock(&mutex);
	p = lt_dlsym(d->handle, symbol);
	pthread_mutex_unlock(&mutex);
	return p;
}

/* LeakSanitizer looks at thread-local data of libraries, and dies of those that are gone. */
#if defined(__SANITIZE_ADDRESS__)
#define STAYS_LOADED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STAYS_LOADED 1
#endif
#endif
#ifndef STAYS_LOADED
#define STAYS_LOADED 0
#endif

void dso_close(struct dso *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&mutex);
	if (!STAYS_LOADED)
		lt_dlclose(d->handle);
	if (!STAYS_LOADED && !--users)
		lt_dlexit();
	pthread_mutex_unlock(&mutex);
	free(d);
}
