/* SPDX-License-Identifier: MIT */
/*
 * mock-sizes.c - a plugin whose requests to the host say all kinds of sizes
 *
 * A request that says a smaller size is followed by what must not be read, and stays
 * untouched where the host would write behind it.
 */
#include "mock.h"

#define POISON 0x5a

static int say(const struct mock *m, const char *what, int r)
{
	char line[128];

	snprintf(line, sizeof(line), "%s %d", what, r);
	mock_say(m, line);
	return r;
}

/* Everything up to the member M, and nothing of it. */
#define UP_TO(type, m) offsetof(struct type, m)

static void poison(void *request, size_t size, size_t known)
{
	memset(request, POISON, size);
	memset(request, 0, known);
}

static int is_poisoned(const void *request, size_t size, size_t known)
{
	const unsigned char *bytes = request;

	for (size_t i = known; i < size; i++) {
		if (bytes[i] != POISON)
			return 0;
	}
	return 1;
}

static void runs(const struct mock *m)
{
	static const char *const argv[] = { "/bin/sh", "-c", "exit 3", NULL };
	struct {
		struct venv_run run;
		char tail[64];
	} r;
	size_t known = UP_TO(venv_run, env);

	/* Up to argv: no environment, directory, input, limit or status. */
	poison(&r, sizeof(r), known);
	r.run.struct_size = (uint32_t)known;
	r.run.flags = VENV_RUN_ALLOW_FAILURE;
	r.run.argv = argv;
	say(m, "small run", m->host->run(m->session, &r.run));
	say(m, "untouched", is_poisoned(&r, sizeof(r), known));

	/* Larger than any that the host knows. */
	poison(&r, sizeof(r), sizeof(r.run));
	r.run.struct_size = sizeof(r);
	r.run.flags = VENV_RUN_ALLOW_FAILURE;
	r.run.argv = argv;
	say(m, "large run", m->host->run(m->session, &r.run));
	say(m, "status", r.run.exit_status);
	say(m, "untouched", is_poisoned(&r, sizeof(r), sizeof(r.run)));

	poison(&r, sizeof(r), 0);
	r.run.struct_size = 0;
	say(m, "empty run", m->host->run(m->session, &r.run));
}

static void others(const struct mock *m)
{
	struct venv_wheel wheel;
	struct venv_download d;
	size_t known = UP_TO(venv_download, path);

	poison(&wheel, sizeof(wheel), UP_TO(venv_wheel, path));
	wheel.struct_size = (uint32_t)UP_TO(venv_wheel, path);
	say(m, "small wheel", m->host->install_wheel(m->session, &wheel));

	poison(&d, sizeof(d), known);
	d.struct_size = (uint32_t)known;
	d.flags = VENV_DOWNLOAD_TRY;
	d.url = "/etc/passwd";
	say(m, "small download", m->host->download(m->session, &d));
	say(m, "untouched", is_poisoned(&d, sizeof(d), known));
}

static int seed(void *data)
{
	runs(data);
	others(data);
	return VENV_OK;
}

static const struct venv_option options[] = { MOCK_OPTIONS, VENV_OPTION_END };

VENV_PLUGIN_DEFINE(mock_sizes, "1.0", .summary = "ask with all kinds of sizes",
		   .options = options, .open = mock_open, .close = mock_close,
		   .seed = seed);
