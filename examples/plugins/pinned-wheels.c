/* SPDX-License-Identifier: MIT */
/*
 * pinned-wheels - projects in exact versions, from wheels of directories alone
 *
 * Both are found before anything is made: a version that is nowhere ends the create in open.
 */
#include <venvctl/plugin.h>

#include <string.h>

struct pinned {
	const struct venv_host *host;
	struct venv_session *session;
};

/* For each "NAME==VERSION": find the wheel, and install it unless FLAGS only try. */
static int each(const struct pinned *p, uint32_t flags)
{
	const struct venv_host *h = p->host;
	const char *const *places = h->option_list(p->session, "wheels");
	const char *const *pins = h->option_list(p->session, "pins");

	for (; pins && *pins; pins++) {
		struct venv_wheel wheel;
		char name[128];
		const char *equal = strstr(*pins, "==");
		size_t n = equal ? (size_t)(equal - *pins) : 0;
		int r;

		if (!n || n >= sizeof(name)) {
			h->error(p->session, "a pin has to be NAME==VERSION");
			return VENV_ERR_CONFIG;
		}
		memcpy(name, *pins, n);
		name[n] = '\0';
		memset(&wheel, 0, sizeof(wheel));
		wheel.struct_size = sizeof(wheel);
		wheel.flags = flags | VENV_WHEEL_REQUESTED;
		r = h->find_wheel(p->session, name, equal + 2, places, &wheel.path);
		if (!r)
			r = h->install_wheel(p->session, &wheel);
		if (r == VENV_LATER) {
			h->error(p->session, "only pip can install one of these wheels");
			r = VENV_ERR_UNSUPPORTED;
		}
		if (r)
			return r; /* with the message that the service has set */
	}
	return VENV_OK;
}

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct pinned *p = host->alloc(session, sizeof(*p));

	(void)ctx;
	if (!p)
		return VENV_ERR_NOMEM;
	p->host = host;
	p->session = session;
	*data = p;
	return each(p, VENV_WHEEL_TRY);
}

static int seed(void *data)
{
	return each(data, 0);
}

static const struct venv_option options[] = {
	{ "wheels", VENV_OPTION_PATH, VENV_OPTION_LIST | VENV_OPTION_REQUIRED, NULL,
	  "directories of wheels", NULL, NULL },
	{ "pins", VENV_OPTION_STRING, VENV_OPTION_LIST | VENV_OPTION_REQUIRED, NULL,
	  "projects, each as NAME==VERSION", NULL, NULL },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE(pinned_wheels, "1.0", .flags = VENV_PLUGIN_LOOKS,
		   .summary = "install exact versions from directories",
		   .options = options, .open = begin, .seed = seed);
