/* SPDX-License-Identifier: MIT */
/*
 * test-store.c - which wheel fits; digests, RECORD, and archives of which nothing is
 * trusted, with the real modules
 */
#include <config.h>

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "load/load.h"
#include "modules/digest.h"
#include "store/archive.h"
#include "store/csv.h"
#include "store/manifest.h"
#include "store/memory.h"
#include "store/metadata.h"
#include "store/tags.h"
#include "zip.h"

static unsigned fit(const char *tags, const char *implementation, unsigned minor,
		    bool threaded)
{
	/* That its machine is the kernel's, of whatever width. */
	const struct tag_target t = { implementation, 3, minor, threaded, true };
	struct wheel_name w;
	struct utsname u;
	char file[256];

	/* Behind a last "_" comes this machine. */
	assert_int_equal(uname(&u), 0);
	snprintf(file, sizeof(file), "foo-1.0-%s%s.whl", tags,
		 tags[strlen(tags) - 1] == '_' ? u.machine : "");
	assert_true(wheel_name_parse(&w, file));
	return tags_fit(&w, &t);
}

static void test_python_tags(void **state)
{
	static const struct {
		const char *tags, *implementation;
		unsigned minor;
		bool threaded, fits;
	} cases[] = {
		{ "py3-none-any", "cpython", 12, false, true },
		{ "py2.py3-none-any", "pypy", 9, false, true },
		{ "py2-none-any", "cpython", 12, false, false },
		{ "py310-none-any", "cpython", 12, false, true },
		{ "py313-none-any", "cpython", 12, false, false },
		{ "cp312-cp312-linux_", "cpython", 12, false, true },
		{ "cp312-cp312-linux_", "cpython", 11, false, false },
		{ "cp312-cp312-linux_", "pypy", 12, false, false },
		{ "cp36-cp36m-linux_", "cpython", 6, false, true },
		{ "cp36-cp36-linux_", "cpython", 6, false, false },
		{ "cp38-cp38-linux_", "cpython", 8, false, true },
		{ "cp37-abi3-linux_", "cpython", 12, false, true },
		{ "cp313-abi3-linux_", "cpython", 12, false, false },
		{ "cp37-abi3-linux_", "cpython", 13, true, false },
		{ "cp313-cp313t-linux_", "cpython", 13, true, true },
		{ "cp313-cp313t-linux_", "cpython", 13, false, false },
		{ "pp39-pypy39_pp73-linux_", "pypy", 9, false, true },
		{ "pp39-pypy39_pp73-linux_", "pypy", 10, false, false },
		{ "cp312-none-any", "cpython", 12, false, true },
		{ "cp312-none-any", "cpython", 13, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if ((fit(cases[i].tags, cases[i].implementation, cases[i].minor,
			 cases[i].threaded) != 0) != cases[i].fits)
			fail_msg("%s for %s 3.%u", cases[i].tags, cases[i].implementation,
				 cases[i].minor);
	}
	assert_true(fit("cp312-cp312-linux_", "cpython", 12, false) >
		    fit("cp37-abi3-linux_", "cpython", 12, false));
	assert_true(fit("cp37-abi3-linux_", "cpython", 12, false) >
		    fit("py3-none-any", "cpython", 12, false));
}

static void test_platform_tags(void **state)
{
	(void)state;
#ifdef __GLIBC__
	assert_true(fit("py3-none-manylinux1_", "cpython", 12, false));
	assert_true(fit("py3-none-manylinux_2_17_", "cpython", 12, false));
	assert_true(fit("py3-none-manylinux_2_99.manylinux2014_", "cpython", 12, false));
	assert_false(fit("py3-none-musllinux_1_1_", "cpython", 12, false));
#endif
	assert_false(fit("py3-none-manylinux_2_99_", "cpython", 12, false));
	assert_false(fit("py3-none-manylinux_2_17_vax", "cpython", 12, false));
	assert_false(fit("py3-none-win_amd64", "cpython", 12, false));
	assert_false(fit("py3-none-macosx_11_0_arm64", "cpython", 12, false));
}

static void test_names(void **state)
{
	static const char *const bad[] = { "foo-1.0.whl",
					   "foo-1.0-py3-none.whl",
					   "foo.whl",
					   "foo-1.0-py3-none-any.zip",
					   "foo--py3-none-any.whl",
					   "a-1-2-3-py3-none-any.whl",
					   ".whl",
					   "" };
	struct wheel_name w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(wheel_name_parse(&w, bad[i]));
	assert_true(wheel_name_parse(&w, "foo_bar-1.0-2build-py3-none-any.whl"));
	assert_memory_equal(w.project, "foo_bar", w.project_len);
	assert_memory_equal(w.python, "py3-none-any", 3);
}

static struct arena arena = ARENA_INIT;
static struct modules modules = { .arena = &arena };
static struct store store = { .arena = &arena, .modules = &modules };

static int release(void **state)
{
	(void)state;
	modules_release(&modules);
	arena_release(&arena);
	return 0;
}

/* A file without a name that has these bytes. */
static int file_of(const void *bytes, size_t n)
{
	char name[] = "/tmp/venvctl-unit-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	return fd;
}

static void assert_hex(const unsigned char hash[SHA256_SIZE], const char *want)
{
	char hex[2 * SHA256_SIZE + 1];

	for (int i = 0; i < SHA256_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	assert_string_equal(hex, want);
}

static void test_digest(void **state)
{
	/* Of so many letters "a": around the borders of blocks, of the padding, of reads. */
	static const struct {
		size_t n;
		const char *hex;
	} cases[] = {
		{ 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ 55,
		  "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
		{ 56,
		  "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
		{ 63,
		  "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34" },
		{ 64,
		  "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
		{ 65,
		  "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0" },
		{ 262143,
		  "0379854ae435b4c82999632f674694ce1f98103f645f44ba68c901a83a2b00fd" },
		{ 262144,
		  "dd3dde87623d9a6b354c68c943d189c89c63652d945e7bbdf0986cae91a49521" },
		{ 262145,
		  "c592f4a6b099700b5050ce8bc67367f0c8f44810203124e86405c3e7b6f1a2ba" },
		{ 1 << 20,
		  "9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360" },
	};
	struct venv_error err = VENV_ERROR_INIT;
	const struct digest_module *m = module_get(&modules, MODULE_DIGEST, &err);
	unsigned char hash[SHA256_SIZE];
	char *text = malloc(1 << 20);

	(void)state;
	assert_ok(m ? 0 : -1, &err);
	assert_non_null(text);
	memset(text, 'a', 1 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = file_of(text, cases[i].n);

		m->sha256(text, cases[i].n, hash);
		assert_hex(hash, cases[i].hex);
		memset(hash, 0, sizeof(hash));
		/* From its beginning, wherever the descriptor stands. */
		assert_int_equal(m->sha256_fd(fd, hash), 0);
		assert_hex(hash, cases[i].hex);
		close(fd);
	}
	free(text);
	assert_true(m->sha256_fd(-1, hash) < 0);
	m->sha256("abc", 3, hash);
	assert_hex(hash,
		   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_record(void **state)
{
	char text[] = "a.py,sha256=x,1\r\n\"b, c.py\",sha256=y,2\n\"d\"\"e\",,\n\n"
		      "f\n,,\ng,h,i,j,k\n\"two\nlines\",,\nlast,,";
	static const char *const rows[][CSV_FIELDS] = {
		{ "a.py", "sha256=x", "1" },
		{ "b, c.py", "sha256=y", "2" },
		{ "d\"e", "", "" },
		{ "f", "", "" },
		{ "", "", "" },
		{ "g", "h", "i" },
		{ "two\nlines", "", "" },
		{ "last", "", "" },
	};
	char open_quote[] = "\"a,b\n", lone[] = "\"";
	const char *fields[CSV_FIELDS];
	struct str out = STR_INIT;
	char *p = text, *q, *again;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(csv_next(&p, fields), 1);
		for (size_t j = 0; j < CSV_FIELDS; j++)
			assert_string_equal(fields[j], rows[i][j]);
		/* What is written is read as the same. */
		str_clear(&out);
		csv_add(&out, rows[i][0]);
		str_add(&out, ",x\n");
		again = q = strdup(str_text(&out));
		assert_non_null(again);
		assert_int_equal(csv_next(&q, fields), 1);
		assert_string_equal(fields[0], rows[i][0]);
		assert_string_equal(fields[1], "x");
		free(again);
	}
	assert_int_equal(csv_next(&p, fields), 0);
	p = open_quote;
	assert_int_equal(csv_next(&p, fields), -1);
	p = lone;
	assert_int_equal(csv_next(&p, fields), -1);
	str_release(&out);
}

static int open_zip(struct archive *ar, const struct zip_text *z, size_t n,
		    struct venv_error *err)
{
	int fd = file_of(z->bytes, n);
	int r = archive_open(ar, &store, fd, "x.whl", err);

	/* libzip has a descriptor of its own. */
	close(fd);
	return r;
}

static void test_archive(void **state)
{
	static const struct zip_file files[] = {
		{ .name = "b/c.py", .data = "text", .mode = 0100644 },
		{ .name = "b/", .mode = 040755 },
		{ .name = "a.sh", .data = "deflated", .mode = 0100755, .method = 8 },
		{ .name = "z64", .data = "large", .zip64 = true },
		{ .name = "none" },
	};
	static struct zip_text z;
	struct venv_error err = VENV_ERROR_INIT;
	struct archive ar;
	size_t whole;

	(void)state;
	zip_write(&z, files, ARRAY_SIZE(files));
	whole = z.n;
	assert_ok(open_zip(&ar, &z, whole, &err), &err);
	assert_int_equal(ar.n, 4);
	assert_null(archive_find(&ar, "b/"));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct archive_file *f = archive_find(&ar, files[i].name);
		char *data;

		if (i == 1)
			continue;
		assert_non_null(f);
		assert_int_equal(f->executable, i == 2);
		data = archive_read(&ar, f, &err);
		assert_non_null(data);
		assert_string_equal(data, files[i].data ? files[i].data : "");
		free(data);
	}
	archive_close(&ar);
	/* Cut anywhere it is none. */
	for (size_t n = 0; n < whole; n++) {
		if (open_zip(&ar, &z, n, &err) != VENV_ERR_INTEGRITY)
			fail_msg("%zu of %zu bytes are an archive", n, whole);
		venv_error_clear(&err);
	}
}

static void test_hostile(void **state)
{
	static const struct {
		const char *why;
		struct zip_file files[2];
	} cases[] = {
		{ "would lead out", { { .name = "../a" } } },
		{ "would lead out", { { .name = "a/../../b" } } },
		{ "would lead out", { { .name = "a/./b" } } },
		{ "would lead out", { { .name = "a//b" } } },
		{ "would lead out", { { .name = ".." } } },
		{ "absolute name", { { .name = "/a" } } },
		{ "backslash", { { .name = "..\\a" } } },
		{ "backslash", { { .name = "C:\\a" } } },
		{ "control character", { { .name = "a\nb" } } },
		{ "not UTF-8", { { .name = "a\xff" } } },
		{ "is a link", { { .name = "a", .data = "/etc", .mode = 0120777 } } },
		{ "special file", { { .name = "a", .mode = 0010644 } } },
		{ "special file", { { .name = "a", .mode = 0020644 } } },
		{ "is there twice",
		  { { .name = "a", .data = "1" }, { .name = "A", .data = "2" } } },
		{ "where a directory has", { { .name = "a" }, { .name = "a/b" } } },
		{ "where a directory has", { { .name = "a" }, { .name = "A/b" } } },
		{ "where a directory has", { { .name = "B/a/x" }, { .name = "b/A" } } },
		{ "is encrypted",
		  { { .name = "a", .data = "123456789012", .flags = 1 } } },
		{ "grows suspiciously",
		  { { .name = "a", .data = "x", .method = 8, .size = 64 << 20 } } },
		{ "larger than any wheel",
		  { { .name = "a",
		      .data = "x",
		      .method = 8,
		      .size = UINT64_C(1) << 40,
		      .zip64 = true } } },
		{ "larger than any wheel",
		  { { .name = "a",
		      .data = "x",
		      .method = 8,
		      .size = UINT64_MAX,
		      .zip64 = true } } },
		{ "",
		  { { .name = "a",
		      .data = "x",
		      .method = 8,
		      .size = UINT64_MAX,
		      .zip64 = true },
		    { .name = "b",
		      .data = "x",
		      .method = 8,
		      .size = UINT64_MAX,
		      .zip64 = true } } },
		/* libzip says this in its own words. */
		{ "x.whl",
		  { { .name = "a", .data = "1" }, { .name = "a", .data = "2" } } },
	};
	static struct zip_text z;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct venv_error err = VENV_ERROR_INIT;
		struct archive ar;

		zip_write(&z, cases[i].files, cases[i].files[1].name ? 2 : 1);
		if (open_zip(&ar, &z, z.n, &err) != VENV_ERR_INTEGRITY)
			fail_msg("'%s' was opened (%s)", cases[i].files[0].name,
				 cases[i].why);
		assert_message(&err, cases[i].why);
		assert_null(ar.zip);
		venv_error_clear(&err);
	}
}

/* Names of scripts become files, and words of a line of the manifest. */
static void test_entry_points(void **state)
{
	static const struct {
		const char *text;
		int result;
	} cases[] = {
		{ "[console_scripts]\na-b.c = m:f\n", 0 },
		{ "[console_scripts]\n\xc3\xa9 = m:f\n", 0 },
		{ "[other]\na/b = x\n", 0 },
		{ "[console_scripts]\na/b = m:f\n", STORE_NEEDS_PIP },
		{ "[console_scripts]\na b = m:f\n", STORE_NEEDS_PIP },
		{ "[console_scripts]\n.. = m:f\n", STORE_NEEDS_PIP },
		{ "[console_scripts]\na\\b = m:f\n", STORE_NEEDS_PIP },
		{ "[console_scripts]\na\rb = m:f\n", VENV_ERR_INTEGRITY },
		{ "[console_scripts]\na\x1b[2J = m:f\n", VENV_ERR_INTEGRITY },
		{ "[console_scripts]\n\xff = m:f\n", VENV_ERR_INTEGRITY },
		{ "[console_scripts]\na = m:f;x\n", STORE_NEEDS_PIP },
	};
	const struct store_wheel w = { .path = "/x.whl" };
	static struct zip_text z;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct zip_file files[] = {
			{ .name = "a-1.dist-info/METADATA",
			  .data = "Name: a\nVersion: 1\n" },
			{ .name = "a-1.dist-info/WHEEL", .data = "Wheel-Version: 1.0\n" },
			{ .name = "a-1.dist-info/entry_points.txt",
			  .data = cases[i].text },
		};
		struct venv_error err = VENV_ERROR_INIT;
		struct manifest m = { .arena = store.arena };
		struct archive ar;

		zip_write(&z, files, ARRAY_SIZE(files));
		assert_ok(open_zip(&ar, &z, z.n, &err), &err);
		if (metadata_read(&store, &w, &ar, &m, &err) != cases[i].result)
			fail_msg("'%s'", cases[i].text);
		archive_close(&ar);
		venv_error_clear(&err);
	}
}

/* What opens, but is not what it says. */
static void test_lies(void **state)
{
	static const struct {
		const char *what;
		struct zip_file file;
	} cases[] = {
		{ "longer",
		  { .name = "a", .data = "1234567890", .method = 8, .size = 5 } },
		{ "shorter", { .name = "a", .data = "12345", .method = 8, .size = 10 } },
		{ "unknown method", { .name = "a", .data = "12345", .method = 77 } },
		{ "no deflate",
		  { .name = "a", .data = "12345", .method = 8, .packed = 2 } },
		{ "checksum", { .name = "a", .data = "12345" } },
	};
	static struct zip_text z;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct venv_error err = VENV_ERROR_INIT;
		struct archive ar;
		char *data = NULL;
		int r;

		zip_write(&z, &cases[i].file, 1);
		/* Behind the header and the name. */
		if (!strcmp(cases[i].what, "checksum"))
			z.bytes[30 + 1] ^= 1;
		r = open_zip(&ar, &z, z.n, &err);
		if (!r)
			data = archive_read(&ar, archive_find(&ar, "a"), &err);
		if (data)
			fail_msg("%s: '%s'", cases[i].what, data);
		assert_int_equal(err.code, VENV_ERR_INTEGRITY);
		assert_message(&err, "'x.whl'");
		if (!r)
			archive_close(&ar);
		venv_error_clear(&err);
	}
}

/* The index of a small wheel. */
static void write_index(struct str *out)
{
	static const struct item items[] = {
		{ .path = "b/two, too.py",
		  .size = 2,
		  .mtime = 400000000,
		  .digest = "D2" },
		{ .path = "b/a/one.pyc", .size = 1, .mtime = -1 },
		{ .path = "tool",
		  .place = PLACE_SCRIPTS,
		  .executable = true,
		  .digest = "D3" },
		{ .path = "a.py", .size = INT64_C(5) << 32, .digest = "D1" },
		{ .path = "share/x", .place = PLACE_DATA, .digest = "D4" },
	};
	static struct arena a;
	struct manifest m = { .arena = &a,
			      .project = "Acme",
			      .version = "1.0",
			      .dist_info = "Acme-1.0.dist-info",
			      .purelib = true };

	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		*manifest_add(&m) = items[i];
	assert_true(manifest_add_point(&m, "acme", "acme", "main.run"));
	assert_true(manifest_finish(&m));
	index_write(&m, out);
	assert_false(str_failed(out));
	arena_release(&a);
}

static void test_index(void **state)
{
	static const char record[] = "a.py,sha256=D1,21474836480\r\n"
				     "b/a/one.pyc,,\r\n"
				     "\"b/two, too.py\",sha256=D2,2\r\n";
	static const char *const paths[] = { "a.py", "b/two, too.py", "b/a/one.pyc",
					     "tool", "share/x" };
	struct arena a = ARENA_INIT;
	struct manifest m = { .arena = &a };
	_cleanup_str_ struct str text = STR_INIT;

	(void)state;
	write_index(&text);
	assert_true(index_parse(&m, text.s, text.len));
	assert_string_equal(m.project, "Acme");
	assert_string_equal(m.version, "1.0");
	assert_string_equal(m.dist_info, "Acme-1.0.dist-info");
	assert_true(m.purelib);
	/* Files of a directory together, before those of the directories in it. */
	assert_int_equal(m.n_items, ARRAY_SIZE(paths));
	for (size_t i = 0; i < m.n_items; i++)
		assert_string_equal(m.items[i].path, paths[i]);
	assert_int_equal(m.items[0].size, INT64_C(5) << 32);
	assert_int_equal(m.items[2].mtime, -1);
	assert_null(m.items[2].digest);
	assert_string_equal(m.items[3].digest, "D3");
	assert_true(m.items[3].executable && m.items[3].place == PLACE_SCRIPTS);
	assert_true(m.items[4].place == PLACE_DATA && !m.items[4].executable);
	assert_int_equal(m.n_points, 1);
	assert_string_equal(m.points[0].attribute, "main.run");
	/* RECORD by whole paths, without what is each environment's own. */
	assert_int_equal(m.n_rows, 3);
	assert_int_equal(m.record_len, sizeof(record) - 1);
	assert_memory_equal(m.record, record, sizeof(record) - 1);
	arena_release(&a);
}

/* Whatever becomes of it by accident, it is not taken for what was written. */
static void test_damaged_index(void **state)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct arena a = ARENA_INIT;

	(void)state;
	write_index(&text);
	for (size_t i = 0; i < text.len; i++) {
		struct manifest m = { .arena = &a };
		char *cut = malloc(i ? i : 1);

		assert_non_null(cut);
		memcpy(cut, text.s, i);
		assert_false(index_parse(&m, cut, i));
		free(cut);
		for (int bit = 0; bit < 8; bit++) {
			text.s[i] ^= (char)(1 << bit);
			assert_false(index_parse(&m, text.s, text.len));
			text.s[i] ^= (char)(1 << bit);
		}
	}
	arena_release(&a);
}

/* What is remembered is that of a file with that very stamp, and goes no further. */
static void test_memory(void **state)
{
	struct stat st = { .st_dev = 1,
			   .st_ino = 2,
			   .st_size = 3,
			   .st_mtim = { 4, 5 },
			   .st_ctim = { 6, 7 } };
	struct manifest one = { .project = "one" }, found = { 0 };
	char hex[HEX_SIZE], other[HEX_SIZE] = "";
	struct arena a = ARENA_INIT;
	struct store s = { .arena = &a };

	(void)state;
	memset(hex, 'a', sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = '\0';
	/* Without a memory nothing is kept, and all goes on. */
	memory_keep_index(&s, &st, &one);
	memory_keep_digest(&s, "/w", &st, hex);
	memory_keep_lasting(&s, "/e");
	assert_false(memory_find_index(&s, &st, &found));
	assert_false(memory_find_digest(&s, "/w", &st, other));
	assert_false(memory_is_lasting(&s, "/e"));
	assert_ptr_equal(memory_arena(&s), &a);

	s.memory = store_memory_new(&a);
	assert_non_null(s.memory);
	memory_keep_index(&s, &st, &one);
	memory_keep_digest(&s, "/w", &st, hex);
	memory_keep_lasting(&s, "/e");
	assert_true(memory_find_index(&s, &st, &found));
	assert_string_equal(found.project, "one");
	assert_true(memory_find_digest(&s, "/w", &st, other));
	assert_string_equal(other, hex);
	assert_false(memory_find_digest(&s, "/v", &st, other));
	assert_true(memory_is_lasting(&s, "/e"));
	assert_false(memory_is_lasting(&s, "/f"));
	for (int i = 0; i < 7; i++) {
		struct stat now = st;

		now.st_dev += i == 0;
		now.st_ino += i == 1;
		now.st_size += i == 2;
		now.st_mtim.tv_sec += i == 3;
		now.st_mtim.tv_nsec += i == 4;
		now.st_ctim.tv_sec += i == 5;
		now.st_ctim.tv_nsec += i == 6;
		assert_false(memory_find_index(&s, &now, &found));
		assert_false(memory_find_digest(&s, "/w", &now, other));
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_python_tags),
		cmocka_unit_test(test_platform_tags),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_archive),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_entry_points),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_damaged_index),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, release);
}
