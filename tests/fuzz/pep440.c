/* SPDX-License-Identifier: MIT */
/* pep440.c - versions: an order of them all, and specifiers that do not contradict it */
#include <config.h>

#include "fuzz.h"
#include "util/pep440.h"

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static int holds(const char *version, const char *op, const char *than)
{
	struct str text = STR_INIT;
	int r;

	str_addf(&text, "%s%s", op, than);
	r = pep440_matches(version, str_text(&text), text.len);
	MUST(r >= -1 && r <= 1);
	str_release(&text);
	return r;
}

static void check_specifiers(const char *a, const char *b)
{
	int equal, different;

	/* It is to be what one operator stands before. */
	if (strpbrk(b, ",<>=~"))
		return;
	equal = holds(a, "==", b);
	different = holds(a, "!=", b);
	MUST(equal < 0 ? different < 0 : equal + different == 1);
	if (holds(a, "<=", b) >= 0)
		MUST(holds(a, "<=", b) || holds(a, ">=", b));
	MUST(holds(a, "<", b) <= 0 || holds(a, ">", b) <= 0);
	MUST(holds(a, ">", b) <= 0 || holds(a, ">=", b) > 0);
	MUST(holds(a, "<", b) <= 0 || holds(a, "<=", b) > 0);
	MUST(holds(a, "~=", b) <= 0 || holds(a, ">=", b) > 0);
}

FUZZ(pep440)
{
	char *v[3];

	for (int i = 0; i < 3; i++)
		v[i] = fuzz_text(&data, &size);
	for (int i = 0; i < 3; i++) {
		const char *a = v[i], *b = v[(i + 1) % 3], *c = v[(i + 2) % 3];
		int ab = sign(pep440_compare(a, b)), bc = sign(pep440_compare(b, c));

		MUST(!pep440_compare(a, a));
		MUST(ab == -sign(pep440_compare(b, a)));
		if (ab <= 0 && bc <= 0)
			MUST(sign(pep440_compare(a, c)) == (ab < bc ? ab : bc));
		MUST(pep440_same_project(a, strlen(a), b, strlen(b)) ==
		     pep440_same_project(b, strlen(b), a, strlen(a)));
		MUST(pep440_same_project(a, strlen(a), a, strlen(a)));
		pep440_is_pre(a);
		check_specifiers(a, b);
		pep440_matches(a, b, strlen(b));
	}
	for (int i = 0; i < 3; i++)
		free(v[i]);
	return 0;
}
