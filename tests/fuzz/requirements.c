/* SPDX-License-Identifier: MIT */
/* requirements.c - a file of pins with hashes and markers, and a marker alone */
#include <config.h>

#include <stdarg.h>

#include "../../plugins/markers.h"
#include "../../plugins/wheels.h"
#include "fuzz.h"

/* A session that has memory and hears messages. */
struct venv_session {
	struct arena arena;
	unsigned errors;
};

static void *on_alloc(struct venv_session *s, size_t size)
{
	return arena_alloc(&s->arena, size);
}

static void on_error(struct venv_session *s, const char *message)
{
	MUST(*message);
	s->errors++;
}

static void on_log(struct venv_session *s, int level, const char *message)
{
	(void)s;
	(void)level;
	MUST(*message);
}

static void check_package(const struct package *p)
{
	MUST(*p->name && !p->name[strcspn(p->name, "/ \t\r\n;=")]);
	MUST(p->version && *p->version && !strpbrk(p->version, "= \t\n;"));
	MUST(p->hashes && p->from);
	for (const char *const *h = p->hashes; *h; h++)
		MUST(strspn(*h, "0123456789abcdef") == 64 && !(*h)[64]);
}

static void read_file(const uint8_t *data, size_t size)
{
	static const struct venv_host host = { .struct_size = sizeof(host),
					       .alloc = on_alloc,
					       .error = on_error,
					       .log = on_log };
	const struct venv_context ctx = { .struct_size = sizeof(ctx),
					  .flags = VENV_CONTEXT_WITH_PIP,
					  .python_version = 0x030c01f0,
					  .implementation = "cpython" };
	struct venv_session s = { .arena = ARENA_INIT };
	struct wheels w = { .i = { .host = &host, .s = &s, .ctx = &ctx } };
	char path[32];
	int fd = fuzz_file(data, size, path), r;

	w.tail = &w.first;
	r = wheels_read_requirements(&w, path);
	MUST(r == VENV_OK ? !s.errors : s.errors > 0);
	for (const struct package *p = w.first; p && r == VENV_OK; p = p->next)
		check_package(p);
	arena_release(&s.arena);
	close(fd);
}

static void read_marker(const uint8_t *data, size_t size)
{
	const struct marker_env env = { 0x030c01f0, "cpython" };
	char *text = fuzz_copy(data, size);
	const char *why = NULL;
	int r = marker_holds(&env, text, &why);

	MUST(r == 0 || r == 1 || r == -1);
	MUST((r < 0) == (why != NULL));
	free(text);
}

FUZZ(requirements)
{
	if (fuzz_byte(&data, &size) & 1)
		read_marker(data, size);
	else
		read_file(data, size);
	return 0;
}
