/* SPDX-License-Identifier: MIT */
/* metadata.c - METADATA, WHEEL and entry_points.txt of an archive that holds just these */
#include <config.h>

#include "fuzz.h"
#include "modules/wheel.h"
#include "store/archive.h"
#include "store/metadata.h"

/* The input: three texts, each ended by a NUL. */
struct texts {
	char *v[3];
};

static int read_text(void *archive, uint64_t i, void *buf, uint64_t size, char *why)
{
	const struct texts *t = archive;

	(void)why;
	memcpy(buf, t->v[i], size);
	return 0;
}

static void check_point(const struct entry_point *p)
{
	MUST(*p->name && *p->module && *p->attribute);
	/* A file of that name will be made, and a text of the index. */
	MUST(path_is_inside(p->name) && !strchr(p->name, '/'));
	MUST(strlen(p->name) < 256);
	for (const char *c = p->name; *c; c++)
		MUST((unsigned char)*c > ' ' && *c != 0x7f && *c != '\\');
	MUST(utf8_valid(p->name, strlen(p->name)));
}

FUZZ(metadata)
{
	static const struct wheel_module module = { .read = read_text };
	struct arena a = ARENA_INIT;
	struct log log = { 0 };
	struct store s = { .arena = &a, .log = &log };
	const struct store_wheel w = { .path = "/a-1.whl" };
	struct manifest m = { .arena = &a }, again = { .arena = &a };
	struct venv_error err = VENV_ERROR_INIT;
	struct texts t;
	struct archive_file files[3] = { { .name = "a-1.dist-info/METADATA", .index = 0 },
					 { .name = "a-1.dist-info/WHEEL", .index = 1 },
					 { .name = "a-1.dist-info/entry_points.txt",
					   .index = 2 } };
	struct archive ar = { .path = "/a-1.whl",
			      .module = &module,
			      .zip = &t,
			      .arena = &a,
			      .files = files,
			      .n = 3 };
	struct str text = STR_INIT;
	int r;

	for (int i = 0; i < 3; i++) {
		t.v[i] = fuzz_text(&data, &size);
		files[i].size = strlen(t.v[i]);
	}
	r = metadata_read(&s, &w, &ar, &m, &err);
	MUST(r == 0 || r == STORE_NEEDS_PIP || (r < 0 && err.message));
	if (!r) {
		MUST(*m.project && *m.version && !strchr(m.project, '/'));
		for (size_t i = 0; i < m.n_points; i++)
			check_point(&m.points[i]);
		/* It becomes an entry of the store. */
		MUST(manifest_finish(&m));
		index_write(&m, &text);
		MUST(index_parse(&again, str_text(&text), text.len));
		MUST(!strcmp(again.project, m.project) &&
		     !strcmp(again.version, m.version));
		MUST(again.n_points == m.n_points);
		for (size_t i = 0; i < m.n_points; i++)
			MUST(!strcmp(again.points[i].name, m.points[i].name) &&
			     !strcmp(again.points[i].module, m.points[i].module) &&
			     !strcmp(again.points[i].attribute, m.points[i].attribute));
	}
	for (int i = 0; i < 3; i++)
		free(t.v[i]);
	str_release(&text);
	venv_error_clear(&err);
	arena_release(&a);
	return 0;
}
